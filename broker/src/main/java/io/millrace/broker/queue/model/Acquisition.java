package io.millrace.broker.queue.model;

import java.util.List;

/**
 * A wish to hold records.
 *
 * @param member who is to hold them
 * @param most records at most
 * @param strict whether {@code most} holds to the record, not to the batch (KIP-1206)
 * @param logStart nothing before it is left in the log
 * @param fetch names the share fetch that wishes it, among those of the member; not 0
 * @param found what can be delivered
 */
public record Acquisition(
        String member, int most, boolean strict, long logStart, long fetch, Found found) {
    /**
     * What was found in the log.
     *
     * @param offered planned records that are there
     * @param gone planned records that are not
     * @param scan what follows the partition's end
     */
    public record Found(List<OffsetRange> offered, List<OffsetRange> gone, Scan scan) {}
}
