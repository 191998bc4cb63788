package io.millrace.storage.producer;

import org.agrona.collections.Long2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * First batches of transactions that wait until the coordinator has said that their transaction is
 * open (KIP-890). Each wait has a number that is never given again: an answer that comes after the
 * transaction has ended here is known by it to be late. Mutable; belongs to its owner's thread.
 */
public final class Verifications {
    private @Nullable Long2ObjectHashMap<Waiting> waiting;
    private long numbers;

    private record Waiting(short epoch, long number) {}

    /** The number by which the producer's first batch in this transaction may be appended. */
    public long begin(long producerId, short epoch) {
        Long2ObjectHashMap<Waiting> known = waiting;
        if (known == null) {
            known = new Long2ObjectHashMap<>();
            waiting = known;
        }
        Waiting before = known.get(producerId);
        if (before != null && before.epoch() == epoch) {
            return before.number();
        }
        known.put(producerId, new Waiting(epoch, ++numbers));
        return numbers;
    }

    /** Whether a wait of this number goes on. */
    public boolean holds(long producerId, short epoch, long number) {
        Waiting found = waiting == null ? null : waiting.get(producerId);
        return found != null && found.epoch() == epoch && found.number() == number;
    }

    /** Ends the producer's wait: it was appended, refused, or the transaction ended. */
    public void end(long producerId) {
        Long2ObjectHashMap<Waiting> known = waiting;
        if (known != null) {
            known.remove(producerId);
            waiting = known.isEmpty() ? null : known;
        }
    }

    /**
     * Ends the producer's wait for a transaction that has ended.
     *
     * @param nextEpoch epoch of the producer's next transaction
     * @param sameEpoch whether the ended one may have had that epoch too
     */
    public void ended(long producerId, short nextEpoch, boolean sameEpoch) {
        Waiting found = waiting == null ? null : waiting.get(producerId);
        if (found != null && (sameEpoch || found.epoch() < nextEpoch)) {
            end(producerId);
        }
    }

    void clear() {
        waiting = null;
    }
}
