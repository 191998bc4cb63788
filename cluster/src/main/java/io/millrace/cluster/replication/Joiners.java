package io.millrace.cluster.replication;

import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.NodeImage;

/** Who may come into sync, as far as the leader knows: the controller refuses others. */
@FunctionalInterface
public interface Joiners {
    /**
     * Whether a follower may.
     *
     * @param nodeEpoch the registration that fetched; -1 if it does not say
     */
    boolean mayJoin(int node, long nodeEpoch);

    /** Those that take part by the metadata, in the registration that it has. */
    static Joiners of(ClusterImage image) {
        return (node, nodeEpoch) -> {
            NodeImage known = image.nodes().get(node);
            return known != null
                    && known.isActive()
                    && (nodeEpoch < 0 || nodeEpoch == known.registration().epoch());
        };
    }
}
