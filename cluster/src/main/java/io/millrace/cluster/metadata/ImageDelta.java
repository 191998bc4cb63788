package io.millrace.cluster.metadata;

import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
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
        Set<ConfigResource> touchedConfigs) {

    /** What differs between two images, wherever the later one comes from. */
    public static ImageDelta between(ClusterImage before, ClusterImage after) {
        return new ImageDelta(
                before,
                after,
                differing(before.topicsById(), after.topicsById()),
                differing(before.configs(), after.configs()));
    }

    private static <K, V> Set<K> differing(Map<K, V> before, Map<K, V> after) {
        var keys = new HashSet<>(before.keySet());
        keys.addAll(after.keySet());
        keys.removeIf(key -> Objects.equals(before.get(key), after.get(key)));
        return Set.copyOf(keys);
    }
}
