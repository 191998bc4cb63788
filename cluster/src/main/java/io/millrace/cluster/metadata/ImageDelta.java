package io.millrace.cluster.metadata;

import java.util.Set;
import java.util.UUID;

/**
 * What changed from one image to the next.
 *
 * @param touchedTopics topics that were created, deleted or got partitions
 * @param touchedConfigs resources whose values changed
 */
public record ImageDelta(
        ClusterImage before,
        ClusterImage after,
        Set<UUID> touchedTopics,
        Set<ConfigResource> touchedConfigs) {}
