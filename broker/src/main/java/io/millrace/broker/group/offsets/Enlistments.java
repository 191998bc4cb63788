package io.millrace.broker.group.offsets;

import io.millrace.broker.group.offsets.PendingOffsets.Writer;
import java.util.HashMap;
import java.util.Map;

/**
 * Commits that are to begin a transaction here, and wait until its coordinator has said that it is
 * open (KIP-890). Each has a number that is never given again: one whose wait is over when it comes
 * is late. A wait ends with whoever waits, so there are no more than requests under way. Mutable;
 * belongs to its shard.
 */
final class Enlistments {
    /** The epochs of those that wait, by producer and number. */
    private final Map<Long, Map<Long, Short>> waiting = new HashMap<>();

    private long numbers;

    /** The number by which a producer's commit may begin its transaction. */
    long begin(Writer writer) {
        long number = ++numbers;
        waiting.computeIfAbsent(writer.producerId(), id -> new HashMap<>())
                .put(number, writer.epoch());
        return number;
    }

    /** Whether a wait of this number goes on. */
    boolean holds(Writer writer, long number) {
        Short epoch = waiting.getOrDefault(writer.producerId(), Map.of()).get(number);
        return epoch != null && epoch == writer.epoch();
    }

    /** Whoever has this number waits no more. */
    void end(long producerId, long number) {
        Map<Long, Short> own = waiting.get(producerId);
        if (own != null) {
            own.remove(number);
            forgetIfEmpty(producerId, own);
        }
    }

    /** The producer's transaction has begun: nobody needs to wait. */
    void endAll(long producerId) {
        waiting.remove(producerId);
    }

    /**
     * Ends the producer's waits for a transaction that has ended.
     *
     * @param nextEpoch epoch of the producer's next transaction
     * @param sameEpoch whether the ended one may have had that epoch too
     */
    void ended(long producerId, short nextEpoch, boolean sameEpoch) {
        Map<Long, Short> own = waiting.get(producerId);
        if (own != null) {
            own.values().removeIf(epoch -> sameEpoch || epoch < nextEpoch);
            forgetIfEmpty(producerId, own);
        }
    }

    private void forgetIfEmpty(long producerId, Map<Long, Short> own) {
        if (own.isEmpty()) {
            waiting.remove(producerId);
        }
    }
}
