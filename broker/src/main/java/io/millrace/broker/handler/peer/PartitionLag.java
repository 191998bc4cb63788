package io.millrace.broker.handler.peer;

import io.millrace.broker.queue.partition.SharePartition;

/**
 * What there is to say of a share partition's offsets.
 *
 * @param unfinished records between start and end that are not done
 */
public record PartitionLag(long start, long end, int unfinished) {
    public static PartitionLag of(SharePartition partition) {
        return new PartitionLag(
                partition.startOffset(), partition.endOffset(), partition.unfinished());
    }

    /** Records that are still to be done, given where the log ends. */
    public long lag(long logEnd) {
        return Math.max(0, logEnd - end) + unfinished;
    }
}
