package io.millrace.cluster.controller;

import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.ConfigResource;
import io.millrace.cluster.metadata.ConfigResource.Type;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The nodes that are being emptied: they get no new replicas while there are others. Who they are
 * is a setting of all brokers. Stateless.
 */
public final class DrainedNodes {
    /** The setting: ids of nodes, separated by commas. */
    public static final String KEY = "millrace.drained.nodes";

    /** What it is a setting of. */
    static final ConfigResource RESOURCE = new ConfigResource(Type.BROKER, "");

    private DrainedNodes() {}

    /** Their ids. */
    static Set<String> of(ClusterImage image) {
        String set = image.config(RESOURCE).get(KEY);
        return set == null || set.isBlank()
                ? Set.of()
                : Arrays.stream(set.split(","))
                        .map(String::strip)
                        .filter(id -> !id.isEmpty())
                        .collect(Collectors.toUnmodifiableSet());
    }
}
