package io.millrace.cluster.controller;

import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.ConfigResource;
import io.millrace.cluster.metadata.ConfigResource.Type;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of a partition's replicas where no topic says otherwise.
 *
 * @param minInSyncReplicas {@code min.insync.replicas}
 * @param uncleanElection whether a replica that may lack committed records may lead if no other can
 */
public record Policy(int minInSyncReplicas, boolean uncleanElection) {
    /** The setting that {@link #minInSyncReplicas} is from. */
    public static final String MIN_IN_SYNC = "min.insync.replicas";

    /** What Kafka does where nothing is set. */
    public static final Policy DEFAULT = new Policy(1, false);

    private static final String UNCLEAN = "unclean.leader.election.enable";

    /** What is in force for a topic: as it is set there, else for all brokers, else this. */
    public Policy of(ClusterImage image, String topic) {
        String minimum = setting(image, topic, MIN_IN_SYNC);
        String unclean = setting(image, topic, UNCLEAN);
        return new Policy(
                minimum == null ? minInSyncReplicas : Integer.parseInt(minimum.strip()),
                unclean == null ? uncleanElection : Boolean.parseBoolean(unclean.strip()));
    }

    private static @Nullable String setting(ClusterImage image, String topic, String key) {
        String own = image.config(new ConfigResource(Type.TOPIC, topic)).get(key);
        return own == null ? image.config(new ConfigResource(Type.BROKER, "")).get(key) : own;
    }
}
