package io.millrace.storage.producer;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The lowest sequence that each producer has asked to begin its transaction with, until it has
 * begun or ended. Where nothing is known of a producer whose epoch stays, its first batch may have
 * any sequence: but none past one that was refused for now and will come again. Kafka's rule too
 * (its VerificationStateEntry). The eldest are forgotten. Mutable; belongs to its owner's thread.
 */
final class AskedSequences {
    private static final int MOST = 1000;

    private @Nullable Map<Long, Asked> asked;

    private record Asked(short epoch, int lowest) {}

    void ask(ProducerBatch batch) {
        Map<Long, Asked> known = asked;
        if (known == null) {
            known = new LinkedHashMap<>();
            asked = known;
        }
        Asked before = known.get(batch.producerId());
        boolean newer = before == null || before.epoch() < batch.epoch();
        boolean lower =
                before != null
                        && before.epoch() == batch.epoch()
                        && batch.firstSequence() < before.lowest();
        if (newer || lower) {
            known.put(batch.producerId(), new Asked(batch.epoch(), batch.firstSequence()));
        }
        if (known.size() > MOST) {
            known.remove(known.keySet().iterator().next());
        }
    }

    /** The sequence that is to come before this batch; the batch's own if none. */
    int lowest(ProducerBatch batch) {
        Asked found = asked == null ? null : asked.get(batch.producerId());
        return found == null || found.epoch() != batch.epoch()
                ? batch.firstSequence()
                : Math.min(found.lowest(), batch.firstSequence());
    }

    /** The producer's transaction has begun here, or ended. */
    void forget(long producerId) {
        if (asked != null) {
            asked.remove(producerId);
        }
    }

    void clear() {
        asked = null;
    }
}
