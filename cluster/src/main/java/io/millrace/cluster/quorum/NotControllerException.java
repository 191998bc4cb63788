package io.millrace.cluster.quorum;

import java.util.OptionalInt;

/**
 * This node does not lead the quorum, or stopped to before it knew what became of a proposal: then
 * that may still be committed, and who asks again must look first.
 */
public final class NotControllerException extends QuorumException {
    private static final long serialVersionUID = 1L;
    private static final int UNKNOWN = -1;

    private final int leader;
    private final int epoch;

    /**
     * @param leader who leads instead, if that is known
     * @param epoch the newest epoch that this node knows
     */
    public NotControllerException(OptionalInt leader, int epoch) {
        super(
                leader.isPresent()
                        ? "node %d leads the quorum in epoch %d".formatted(leader.getAsInt(), epoch)
                        : "no leader of the quorum is known in epoch %d".formatted(epoch),
                null);
        this.leader = leader.orElse(UNKNOWN);
        this.epoch = epoch;
    }

    /** Who leads instead, if that is known. */
    public OptionalInt leader() {
        return leader == UNKNOWN ? OptionalInt.empty() : OptionalInt.of(leader);
    }

    /** The newest epoch that the node knew. */
    public int epoch() {
        return epoch;
    }
}
