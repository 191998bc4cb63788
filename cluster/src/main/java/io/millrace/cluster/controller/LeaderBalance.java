package io.millrace.cluster.controller;

import io.millrace.cluster.controller.Decision.Accepted;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.PartitionImage;
import io.millrace.cluster.metadata.TopicImage;
import io.millrace.cluster.proto.MetadataRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;

/** Has preferred replicas lead again where they came back. Stateless. */
record LeaderBalance(ClusterImage image, Policy defaults) {
    private static final int PERCENT = 100;

    /**
     * Gives nodes their leaderships back that lack more than a share of them.
     *
     * @param percentage of the partitions that prefer a node and are led by others, 0 to 100
     */
    Decision restore(int percentage) {
        Map<Integer, Integer> preferring = new HashMap<>();
        Map<Integer, Integer> lacking = new HashMap<>();
        for (TopicImage topic : image.topics()) {
            for (PartitionImage partition : topic.partitions()) {
                int preferred = partition.replicas().get(0);
                preferring.merge(preferred, 1, Integer::sum);
                lacking.merge(preferred, partition.leader() == preferred ? 0 : 1, Integer::sum);
            }
        }
        lacking.entrySet()
                .removeIf(node ->
                        node.getValue() * PERCENT
                                <= percentage * preferring.getOrDefault(node.getKey(), 0));
        return new Accepted(led(lacking));
    }

    private ArrayList<MetadataRecord> led(Map<Integer, Integer> lacking) {
        var records = new ArrayList<MetadataRecord>();
        var changes = new PartitionChanges(image, defaults);
        for (TopicImage topic : image.topics()) {
            for (PartitionImage partition : topic.partitions()) {
                if (lacking.containsKey(partition.replicas().get(0))
                        && partition.leader() != PartitionImage.NO_LEADER) {
                    PartitionChanges.add(
                            records, topic, partition, changes.election(topic).prefer(partition));
                }
            }
        }
        return records;
    }
}
