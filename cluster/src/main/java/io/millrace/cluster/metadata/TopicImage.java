package io.millrace.cluster.metadata;

import java.util.List;
import java.util.UUID;

/** A topic and its partitions, in the order of their indexes. */
public record TopicImage(UUID id, String name, List<PartitionImage> partitions) {}
