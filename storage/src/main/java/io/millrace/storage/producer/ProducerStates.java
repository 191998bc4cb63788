package io.millrace.storage.producer;

import io.millrace.storage.batch.Sequences;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.agrona.collections.Long2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * All producers of one partition, by the rules of Kafka's ProducerStateManager: a batch is repeated
 * if it is one of the producer's last five; a new epoch starts at sequence 0; a producer that is
 * not known may start anywhere, because its earlier batches may have been deleted. The first batch
 * of a transaction is taken only if the coordinator was asked (KIP-890), so that nothing is written
 * in a transaction that it does not know of. Mutable; belongs to the log's owner.
 */
public final class ProducerStates {
    private static final Decision FRESH = new Decision.Fresh();

    private final Long2ObjectHashMap<ProducerEntry> entries = new Long2ObjectHashMap<>(2, 0.6f);
    private final OpenTransactions transactions = new OpenTransactions();
    private final Verifications verifications = new Verifications();
    private final AskedSequences asked = new AskedSequences();

    /**
     * What one producer is known to have written last, for DescribeProducers.
     *
     * @param coordinatorEpoch of who ended its last transaction; -1 if none did
     * @param transactionFirstOffset where its open transaction begins; -1 if it has none
     */
    public record ActiveProducer(
            long producerId,
            short epoch,
            int lastSequence,
            long lastTimestampMs,
            int coordinatorEpoch,
            long transactionFirstOffset) {}

    /** What compaction has to keep of a producer: its last batch, or its epoch if it has none. */
    public record LastWritten(long lastOffset, short epoch) {}

    /** Says what becomes of a batch; changes nothing. */
    public Decision check(ProducerBatch batch, @Nullable Verification verification) {
        ProducerEntry entry = entries.get(batch.producerId());
        Decision bySequence = entry == null ? FRESH : checkSequence(entry, batch);
        return bySequence instanceof Decision.Fresh
                ? checkTransaction(entry, batch, verification)
                : bySequence;
    }

    private static Decision checkSequence(ProducerEntry entry, ProducerBatch batch) {
        ProducerBatch earlier = entry.find(batch);
        if (earlier != null) {
            return new Decision.Repeated(earlier);
        }
        if (batch.epoch() < entry.epoch()) {
            return new Decision.Fenced(
                    "producer %d has epoch %d here, the batch has the older %d"
                            .formatted(batch.producerId(), entry.epoch(), batch.epoch()));
        }
        if (batch.epoch() > entry.epoch()) {
            return startsAtZero(batch, "a new epoch starts at 0");
        }
        ProducerBatch last = entry.last();
        if (last == null) {
            return startsAtZero(batch, "it has written nothing in this epoch");
        }
        return batch.firstSequence() == Sequences.plus(last.lastSequence(), 1)
                ? FRESH
                : outOfOrder(batch, "the last one here is %d".formatted(last.lastSequence()));
    }

    private static Decision startsAtZero(ProducerBatch batch, String why) {
        return batch.firstSequence() == 0 ? FRESH : outOfOrder(batch, why);
    }

    private static Decision outOfOrder(ProducerBatch batch, String why) {
        return new Decision.OutOfOrder(
                "producer %d sends sequence %d in epoch %d: %s"
                        .formatted(batch.producerId(), batch.firstSequence(), batch.epoch(), why));
    }

    private Decision checkTransaction(
            @Nullable ProducerEntry entry,
            ProducerBatch batch,
            @Nullable Verification verification) {
        if (entry != null && entry.isInTransaction()) {
            return checkOpen(entry, batch);
        }
        if (!batch.transactional()) {
            return FRESH;
        }
        boolean verified =
                verification != null
                        && verifications.holds(
                                batch.producerId(), batch.epoch(), verification.number());
        if (!verified) {
            return notInTransaction(batch, "its transaction is not open");
        }
        if (entry != null) {
            return FRESH;
        }
        if (verification != null && verification.startsAtZero()) {
            return startsAtZero(batch, "a transaction starts at 0");
        }
        int lowest = asked.lowest(batch);
        return lowest == batch.firstSequence()
                ? FRESH
                : outOfOrder(batch, "sequence %d is to come before".formatted(lowest));
    }

    private static Decision checkOpen(ProducerEntry entry, ProducerBatch batch) {
        if (!batch.transactional()) {
            return notInTransaction(batch, "it has a transaction open");
        }
        return entry.epoch() == batch.epoch()
                ? FRESH
                : notInTransaction(batch, "one of an older epoch is open");
    }

    private static Decision notInTransaction(ProducerBatch batch, String why) {
        return new Decision.NotInTransaction(
                "producer %d writes in epoch %d: %s"
                        .formatted(batch.producerId(), batch.epoch(), why));
    }

    /**
     * Whether the coordinator has to be asked before the batch is checked: it would be the first of
     * a transaction here, or comes behind that one.
     */
    public boolean needsVerification(ProducerBatch batch) {
        ProducerEntry entry = entries.get(batch.producerId());
        if (!batch.transactional()) {
            return false;
        }
        if (entry == null) {
            return true;
        }
        boolean isOpen = entry.isInTransaction() && entry.epoch() == batch.epoch();
        return !isOpen && batch.epoch() >= entry.epoch() && entry.find(batch) == null;
    }

    /** Begins to wait for the coordinator; the number is what {@link Verification} has to name. */
    public long beginVerification(ProducerBatch batch) {
        asked.ask(batch);
        return verifications.begin(batch.producerId(), batch.epoch());
    }

    /** The coordinator has refused; nobody waits any more. */
    public void verificationFailed(ProducerBatch batch, long number) {
        if (verifications.holds(batch.producerId(), batch.epoch(), number)) {
            verifications.end(batch.producerId());
        }
    }

    /** Remembers a batch that has been appended. */
    public void applied(ProducerBatch batch) {
        ProducerEntry entry = entries.get(batch.producerId());
        if (entry == null) {
            entry = new ProducerEntry(batch.epoch());
            entries.put(batch.producerId(), entry);
        }
        entry.add(batch);
        if (batch.transactional() && !entry.isInTransaction()) {
            entry.begin(batch.firstOffset());
            transactions.begin(batch.firstOffset());
            verifications.end(batch.producerId());
            asked.forget(batch.producerId());
        }
    }

    /**
     * Says what becomes of a coordinator's decision. Whatever it is, a first batch that waits for
     * its verification does so in vain, and an older coordinator is not listened to any more.
     *
     * @param nowMs milliseconds since the epoch
     */
    public EndDecision decide(TransactionEnd end, long nowMs) {
        ProducerEntry entry = entries.get(end.producerId());
        if (entry == null) {
            entry = new ProducerEntry(end.epoch());
            entries.put(end.producerId(), entry);
        }
        if (end.coordinatorEpoch() < entry.coordinatorEpoch()) {
            return EndDecision.STALE_COORDINATOR;
        }
        boolean later = end.raisesEpoch() && entry.isInTransaction();
        if (end.epoch() < entry.epoch() || later && end.epoch() == entry.epoch()) {
            return EndDecision.STALE_EPOCH;
        }
        verifications.ended(end.producerId(), end.epoch(), !end.raisesEpoch());
        asked.forget(end.producerId());
        if (entry.isInTransaction()) {
            return EndDecision.WRITE;
        }
        entry.end(end.epoch(), end.coordinatorEpoch(), nowMs);
        return EndDecision.NOTHING_OPEN;
    }

    /**
     * Remembers a marker that has been appended.
     *
     * @return what readers have to know of it: nothing, if it commits or ended nothing
     */
    public @Nullable AbortedTransaction ended(TransactionEnd end, long offset, long timestampMs) {
        ProducerEntry entry = entries.get(end.producerId());
        if (entry == null) {
            entry = new ProducerEntry(end.epoch());
            entries.put(end.producerId(), entry);
        }
        long first = entry.transactionFirstOffset();
        boolean open = entry.isInTransaction();
        entry.end(end.epoch(), end.coordinatorEpoch(), timestampMs);
        if (!open) {
            return null;
        }
        long stable = transactions.end(first, offset);
        return end.commit()
                ? null
                : new AbortedTransaction(end.producerId(), first, offset, stable);
    }

    /**
     * Does what batches behind those that are known have done. Their markers have to lie before the
     * high watermark: a transaction whose end may be undone is not remembered as such.
     */
    public void apply(ProducerChanges changes) {
        changes.applyTo(entries, transactions);
    }

    /**
     * Takes transactions for open that are in other states, which have not seen their ends: whether
     * they were aborted is not known any more.
     */
    public void reopen(ProducerStates others) {
        others.entries.forEachLong((id, other) -> {
            if (other.isInTransaction()) {
                ProducerEntry entry =
                        entries.computeIfAbsent(id, _ -> new ProducerEntry(other.epoch()));
                if (!entry.isInTransaction()) {
                    entry.begin(other.transactionFirstOffset());
                    transactions.begin(other.transactionFirstOffset());
                }
            }
        });
    }

    /** Where what is decided ends: nothing before changes any more, even if the process dies. */
    public long firstUnstableOffset(long highWatermark) {
        return transactions.firstUnstable(highWatermark);
    }

    /**
     * Forgets producers that have been silent for longer than {@code expirationMs}, but for those
     * in a transaction.
     */
    public void expire(long nowMs, long expirationMs) {
        if (!entries.isEmpty()) {
            entries.values()
                    .removeIf(entry ->
                            !entry.isInTransaction()
                                    && nowMs - entry.lastTimestampMs() > expirationMs);
        }
    }

    public boolean isEmpty() {
        return entries.isEmpty();
    }

    public void clear() {
        entries.clear();
        transactions.clear();
        verifications.clear();
        asked.clear();
    }

    /** Every producer known. */
    public List<ActiveProducer> active() {
        var active = new ArrayList<ActiveProducer>(entries.size());
        entries.forEachLong((id, entry) -> {
            ProducerBatch last = entry.last();
            active.add(
                    new ActiveProducer(
                            id,
                            entry.epoch(),
                            last == null ? -1 : last.lastSequence(),
                            entry.lastTimestampMs(),
                            entry.coordinatorEpoch(),
                            entry.transactionFirstOffset()));
        });
        return active;
    }

    /** What compaction has to keep of a producer; null if it is not known. */
    public @Nullable LastWritten lastOf(long producerId) {
        ProducerEntry entry = entries.get(producerId);
        if (entry == null) {
            return null;
        }
        ProducerBatch last = entry.last();
        return new LastWritten(last == null ? -1 : last.lastOffset(), entry.epoch());
    }

    /** The states as bytes, with a CRC: read back by {@link #restore}. */
    public ByteBuffer snapshot() {
        return ProducerSnapshot.encode(entries);
    }

    /** Replaces the states by those of a snapshot; false, and none left, if its bytes are bad. */
    public boolean restore(ByteBuffer bytes) {
        clear();
        boolean whole = ProducerSnapshot.decode(bytes, entries);
        for (ProducerEntry entry : entries.values()) {
            if (entry.isInTransaction()) {
                transactions.begin(entry.transactionFirstOffset());
            }
        }
        return whole;
    }
}
