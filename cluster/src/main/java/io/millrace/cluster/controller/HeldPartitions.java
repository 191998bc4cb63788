package io.millrace.cluster.controller;

import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.PartitionImage;
import io.millrace.cluster.metadata.TopicImage;

/** Finds the partitions that a node is a replica of. */
@FunctionalInterface
public interface HeldPartitions {
    /** Looks at every partition: for who asks seldom. */
    HeldPartitions BY_SCAN =
            (image, node, visitor) -> {
                for (TopicImage topic : image.topics()) {
                    for (PartitionImage partition : topic.partitions()) {
                        if (partition.replicas().has(node)) {
                            visitor.visit(topic, partition);
                        }
                    }
                }
            };

    /** Shows each of them once, as it is in the image; those of a topic one after the other. */
    void forEach(ClusterImage image, int node, Visitor visitor);

    /** Is shown partitions. */
    @FunctionalInterface
    interface Visitor {
        void visit(TopicImage topic, PartitionImage partition);
    }
}
