package io.millrace.cluster.controller;

import io.millrace.cluster.controller.Decision.Accepted;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.NodeLoad;
import io.millrace.cluster.metadata.PartitionImage;
import io.millrace.cluster.proto.MetadataRecord;
import java.util.ArrayList;
import java.util.List;

/** Has preferred replicas lead again where they came back. Stateless. */
record LeaderBalance(ClusterImage image, PartitionChanges changes) {
    private static final int PERCENT = 100;

    /**
     * Gives nodes their leaderships back that lack more than a share of them.
     *
     * @param percentage of the partitions that prefer a node and are led by others, 0 to 100
     */
    Decision restore(int percentage) {
        var records = new ArrayList<MetadataRecord>();
        image.loads()
                .forEach((Integer node, NodeLoad load) -> {
                    int lacking = load.prefers() - load.leadsPreferred();
                    if (lacking * PERCENT > percentage * load.prefers()) {
                        restore(node, records);
                    }
                });
        return new Accepted(records);
    }

    private void restore(int node, List<MetadataRecord> records) {
        changes.held()
                .forEach(
                        image,
                        node,
                        (topic, partition) -> {
                            if (partition.replicas().at(0) == node
                                    && partition.leader() != node
                                    && partition.leader() != PartitionImage.NO_LEADER) {
                                PartitionChanges.add(
                                        records,
                                        topic,
                                        partition,
                                        changes.election(topic).prefer(partition));
                            }
                        });
    }
}
