package io.millrace.storage.producer;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** What is known of one producer: its epoch, its last five batches and its open transaction. */
final class ProducerEntry {
    /** As many as a client may have in flight with idempotence (max.in.flight.requests 5). */
    static final int REMEMBERED_BATCHES = 5;

    /** No transaction is open. */
    static final long NO_TRANSACTION = -1;

    /** No coordinator has ended a transaction. */
    static final int NO_COORDINATOR = -1;

    private final Deque<ProducerBatch> batches = new ArrayDeque<>(REMEMBERED_BATCHES);
    private short epoch;
    private long lastTimestampMs;
    private int coordinatorEpoch = NO_COORDINATOR;
    private long transactionFirstOffset = NO_TRANSACTION;

    ProducerEntry(short epoch) {
        this.epoch = epoch;
    }

    /** An entry as a snapshot has it, less its batches. */
    ProducerEntry(
            short epoch, long lastTimestampMs, int coordinatorEpoch, long transactionFirstOffset) {
        this.epoch = epoch;
        this.lastTimestampMs = lastTimestampMs;
        this.coordinatorEpoch = coordinatorEpoch;
        this.transactionFirstOffset = transactionFirstOffset;
    }

    int coordinatorEpoch() {
        return coordinatorEpoch;
    }

    /** Where its open transaction begins; {@link #NO_TRANSACTION} if it has none. */
    long transactionFirstOffset() {
        return transactionFirstOffset;
    }

    boolean isInTransaction() {
        return transactionFirstOffset != NO_TRANSACTION;
    }

    void begin(long firstOffset) {
        transactionFirstOffset = firstOffset;
    }

    /** Its transaction has ended, or there was none; later batches come in the epoch given. */
    void end(short newEpoch, int newCoordinatorEpoch, long timestampMs) {
        raise(newEpoch);
        coordinatorEpoch = newCoordinatorEpoch;
        transactionFirstOffset = NO_TRANSACTION;
        lastTimestampMs = timestampMs;
    }

    private void raise(short newEpoch) {
        if (newEpoch != epoch) {
            epoch = newEpoch;
            batches.clear();
        }
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
        raise(batch.epoch());
        if (batches.size() == REMEMBERED_BATCHES) {
            batches.removeFirst();
        }
        batches.addLast(batch);
        lastTimestampMs = batch.timestampMs();
    }

    /**
     * Takes on what came later.
     *
     * @param raised whether the epoch has changed, so that none of the batches counts any more
     * @param ended whether a marker came
     * @param later what would be known if nothing had been before
     */
    void follow(boolean raised, boolean ended, ProducerEntry later) {
        if (raised) {
            batches.clear();
        }
        epoch = later.epoch;
        for (ProducerBatch batch : later.batches) {
            add(batch);
        }
        lastTimestampMs = later.lastTimestampMs;
        if (ended) {
            coordinatorEpoch = later.coordinatorEpoch;
        }
        if (ended || !isInTransaction()) {
            transactionFirstOffset = later.transactionFirstOffset;
        }
    }

    /** Takes a batch that a snapshot remembers. */
    void restore(ProducerBatch batch) {
        batches.addLast(batch);
    }
}
