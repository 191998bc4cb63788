package io.millrace.storage.producer;

import io.millrace.storage.batch.ControlRecord;
import io.millrace.storage.batch.MalformedBatchException;
import io.millrace.storage.batch.RecordBatchView;
import java.nio.ByteBuffer;
import org.agrona.collections.Long2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What producers did in one stretch of a log, as a change of what is known of them: {@link
 * ProducerStates#apply} comes to the same as the batches, one by one. Mutable; belongs to one
 * thread.
 */
public final class ProducerChanges {
    /** No marker has ended a transaction. */
    public static final long NO_MARKER = -1;

    private static final int HEADER_BYTES = 8 + 4;
    private static final int FIXED_BYTES = ProducerSnapshot.ENTRY_BYTES + 2 + 1;
    private static final byte RAISED = 1;
    private static final byte ENDED = 2;

    private final Long2ObjectHashMap<Change> changes = new Long2ObjectHashMap<>(2, 0.6f);
    private long lastMarker = NO_MARKER;

    /** What one producer did: what would be known of it if nothing had been before, and more. */
    private static final class Change {
        final short firstEpoch;
        final ProducerEntry entry;

        /** Whether its epoch changed on the way. */
        boolean raised;

        /** Whether a marker came. */
        boolean ended;

        Change(short firstEpoch, ProducerEntry entry) {
            this.firstEpoch = firstEpoch;
            this.entry = entry;
        }

        void note(short epoch) {
            raised |= epoch != entry.epoch();
        }

        void applyTo(ProducerEntry before) {
            before.follow(raised || before.epoch() != firstEpoch, ended, entry);
        }
    }

    /** Takes the next batch of the stretch; a marker with its records. */
    void take(RecordBatchView batch) {
        if (!batch.hasProducer()) {
            return;
        }
        if (!batch.isControl()) {
            Change change = changeOf(batch);
            change.entry.add(ProducerBatch.of(batch));
            if (batch.isTransactional() && !change.entry.isInTransaction()) {
                change.entry.begin(batch.baseOffset());
            }
            return;
        }
        ControlRecord record = readable(batch);
        if (record != null) {
            Change change = changeOf(batch);
            change.ended = true;
            change.entry.end(
                    batch.producerEpoch(), record.coordinatorEpoch(), batch.maxTimestamp());
            lastMarker = batch.baseOffset();
        }
    }

    private static @Nullable ControlRecord readable(RecordBatchView marker) {
        try {
            return ControlRecord.of(marker);
        } catch (MalformedBatchException endsNothing) {
            return null;
        }
    }

    private Change changeOf(RecordBatchView batch) {
        Change change = changes.get(batch.producerId());
        if (change == null) {
            short epoch = batch.producerEpoch();
            change = new Change(epoch, new ProducerEntry(epoch));
            changes.put(batch.producerId(), change);
        }
        change.note(batch.producerEpoch());
        return change;
    }

    /** Offset of the last marker; {@link #NO_MARKER} if there is none. */
    public long lastMarker() {
        return lastMarker;
    }

    /** Producers that did something. */
    int count() {
        return changes.size();
    }

    /** Brings what was known before up to date; every transaction in it that ends is forgotten. */
    void applyTo(Long2ObjectHashMap<ProducerEntry> entries, OpenTransactions transactions) {
        changes.forEachLong((id, change) -> {
            ProducerEntry entry = entries.get(id);
            if (entry == null) {
                entry = new ProducerEntry(change.firstEpoch);
                entries.put(id, entry);
            }
            if (entry.isInTransaction()) {
                transactions.forget(entry.transactionFirstOffset());
            }
            change.applyTo(entry);
            if (entry.isInTransaction()) {
                transactions.begin(entry.transactionFirstOffset());
            }
        });
    }

    /** Most bytes that {@link #encode} may take. */
    int mostBytes() {
        int batches = ProducerEntry.REMEMBERED_BATCHES * ProducerSnapshot.BATCH_BYTES;
        return HEADER_BYTES + changes.size() * (FIXED_BYTES + batches);
    }

    void encode(ByteBuffer bytes) {
        bytes.putLong(lastMarker).putInt(changes.size());
        changes.forEachLong((id, change) -> {
            ProducerSnapshot.write(bytes, id, change.entry);
            bytes.putShort(change.firstEpoch)
                    .put((byte) ((change.raised ? RAISED : 0) | (change.ended ? ENDED : 0)));
        });
    }

    /** Reads what {@link #encode} wrote. */
    static ProducerChanges decode(ByteBuffer in) {
        var read = new ProducerChanges();
        read.lastMarker = in.getLong();
        for (int left = in.getInt(); left > 0; left--) {
            long id = in.getLong();
            ProducerEntry entry = ProducerSnapshot.read(in, id);
            var change = new Change(in.getShort(), entry);
            byte flags = in.get();
            change.raised = (flags & RAISED) != 0;
            change.ended = (flags & ENDED) != 0;
            read.changes.put(id, change);
        }
        return read;
    }
}
