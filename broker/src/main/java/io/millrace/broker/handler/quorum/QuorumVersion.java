package io.millrace.broker.handler.quorum;

import io.millrace.broker.handler.ApiVersionsHandler.Features;
import io.millrace.cluster.quorum.raft.RaftQuorum;
import java.util.HashMap;

/**
 * The quorum's version as the feature {@code kraft.version} (KIP-853): at level 0 the voters are
 * those of the configuration, at level 1 they may change. Stateless.
 */
public final class QuorumVersion {
    /** The feature's name. */
    public static final String FEATURE = "kraft.version";

    static final short HIGHEST = 1;

    private QuorumVersion() {}

    /** Other features and this one. */
    public static Features with(Features others, RaftQuorum quorum) {
        var supported = new HashMap<>(others.supported());
        supported.put(FEATURE, HIGHEST);
        var finalized = new HashMap<>(others.finalized());
        short level = quorum.version();
        if (level > 0) {
            finalized.put(FEATURE, level);
        }
        return new Features(supported, finalized, others.epoch());
    }
}
