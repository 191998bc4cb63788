package io.millrace.cluster.quorum;

/**
 * What a voter says of itself to one that has lost its disk.
 *
 * @param remembers whether it knows what it has voted and acknowledged: whether it has its vote
 * @param epoch the newest that it knows of; 0 if there was none
 * @param leads whether it leads in that epoch
 * @param logEnd end of its metadata log, whether or not that is committed
 */
public record Standing(boolean remembers, int epoch, boolean leads, long logEnd) {
    /** Whether it never heard of an epoch, and has no record. */
    boolean isUntouched() {
        return epoch == 0 && logEnd == 0;
    }
}
