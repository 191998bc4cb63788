package io.millrace.storage.producer;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** What is known of one producer: its epoch and its last five batches. */
final class ProducerEntry {
    /** As many as a client may have in flight with idempotence (max.in.flight.requests 5). */
    static final int REMEMBERED_BATCHES = 5;

    private final Deque<ProducerBatch> batches = new ArrayDeque<>(REMEMBERED_BATCHES);
    private short epoch;
    private long lastTimestampMs;

    ProducerEntry(short epoch) {
        this.epoch = epoch;
    }

    short epoch() {
        return epoch;
    }

    long lastTimestampMs() {
        return lastTimestampMs;
    }

    Deque<ProducerBatch> batches() {
        return batches;
    }

    @Nullable ProducerBatch last() {
        return batches.peekLast();
    }

    @Nullable ProducerBatch find(ProducerBatch repeated) {
        if (repeated.epoch() != epoch) {
            return null;
        }
        for (ProducerBatch batch : batches) {
            if (batch.firstSequence() == repeated.firstSequence()
                    && batch.lastSequence() == repeated.lastSequence()) {
                return batch;
            }
        }
        return null;
    }

    void add(ProducerBatch batch) {
        if (batch.epoch() != epoch) {
            epoch = batch.epoch();
            batches.clear();
        }
        if (batches.size() == REMEMBERED_BATCHES) {
            batches.removeFirst();
        }
        batches.addLast(batch);
        lastTimestampMs = batch.timestampMs();
    }
}
