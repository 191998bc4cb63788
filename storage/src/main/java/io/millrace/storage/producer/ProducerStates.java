package io.millrace.storage.producer;

import io.millrace.storage.batch.Sequences;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.agrona.collections.Long2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * All producers of one partition, by the rules of Kafka's ProducerStateManager: a batch is repeated
 * if it is one of the producer's last five; a new epoch starts at sequence 0; a producer that is
 * not known may start anywhere, because its earlier batches may have been deleted. Mutable; belongs
 * to the log's owner.
 */
public final class ProducerStates {
    private static final byte SNAPSHOT_VERSION = 1;
    private static final int ENTRY_BYTES = 8 + 2 + 1;
    private static final int BATCH_BYTES = 4 + 4 + 8 + 8 + 8;

    private final Long2ObjectHashMap<ProducerEntry> entries = new Long2ObjectHashMap<>(2, 0.6f);

    /** What one producer is known to have written last, for DescribeProducers. */
    public record ActiveProducer(
            long producerId, short epoch, int lastSequence, long lastTimestampMs) {}

    /** Says what becomes of a batch; changes nothing. */
    public Decision check(ProducerBatch batch) {
        ProducerEntry entry = entries.get(batch.producerId());
        if (entry == null) {
            return new Decision.Fresh();
        }
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
            return batch.firstSequence() == 0
                    ? new Decision.Fresh()
                    : outOfOrder(batch, "a new epoch starts at 0");
        }
        ProducerBatch last = entry.last();
        if (last == null || batch.firstSequence() == Sequences.plus(last.lastSequence(), 1)) {
            return new Decision.Fresh();
        }
        return outOfOrder(batch, "the last one here is %d".formatted(last.lastSequence()));
    }

    private static Decision outOfOrder(ProducerBatch batch, String why) {
        return new Decision.OutOfOrder(
                "producer %d sends sequence %d in epoch %d: %s"
                        .formatted(batch.producerId(), batch.firstSequence(), batch.epoch(), why));
    }

    /** Remembers a batch that has been appended. */
    public void applied(ProducerBatch batch) {
        ProducerEntry entry = entries.get(batch.producerId());
        if (entry == null) {
            entry = new ProducerEntry(batch.epoch());
            entries.put(batch.producerId(), entry);
        }
        entry.add(batch);
    }

    /** Forgets producers that have been silent for longer than {@code expirationMs}. */
    public void expire(long nowMs, long expirationMs) {
        if (!entries.isEmpty()) {
            entries.values().removeIf(entry -> nowMs - entry.lastTimestampMs() > expirationMs);
        }
    }

    public boolean isEmpty() {
        return entries.isEmpty();
    }

    public void clear() {
        entries.clear();
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
                            entry.lastTimestampMs()));
        });
        return active;
    }

    /** Bytes of the last sequences, by producer, that compaction has to keep. */
    public @Nullable ProducerBatch lastOf(long producerId) {
        ProducerEntry entry = entries.get(producerId);
        return entry == null ? null : entry.last();
    }

    /** The states as bytes, with a CRC: read back by {@link #restore}. */
    public ByteBuffer snapshot() {
        int batches = 0;
        for (ProducerEntry entry : entries.values()) {
            batches += entry.batches().size();
        }
        var bytes = ByteBuffer.allocate(9 + entries.size() * ENTRY_BYTES + batches * BATCH_BYTES);
        bytes.putInt(0).put(SNAPSHOT_VERSION).putInt(entries.size());
        entries.forEachLong((id, entry) -> write(bytes, id, entry));
        bytes.flip();
        bytes.putInt(0, crcOf(bytes));
        return bytes;
    }

    private static void write(ByteBuffer bytes, long id, ProducerEntry entry) {
        bytes.putLong(id).putShort(entry.epoch()).put((byte) entry.batches().size());
        for (ProducerBatch batch : entry.batches()) {
            bytes.putInt(batch.firstSequence())
                    .putInt(batch.lastSequence())
                    .putLong(batch.firstOffset())
                    .putLong(batch.lastOffset())
                    .putLong(batch.timestampMs());
        }
    }

    /** Replaces the states by those of a snapshot; false, and none left, if its bytes are bad. */
    public boolean restore(ByteBuffer bytes) {
        entries.clear();
        if (bytes.remaining() < 9
                || bytes.getInt(bytes.position()) != crcOf(bytes)
                || bytes.get(bytes.position() + 4) != SNAPSHOT_VERSION) {
            return false;
        }
        ByteBuffer in = bytes.duplicate();
        in.position(in.position() + 5);
        int count = in.getInt();
        for (int i = 0; i < count; i++) {
            long id = in.getLong();
            short epoch = in.getShort();
            var entry = new ProducerEntry(epoch);
            for (int left = in.get(); left > 0; left--) {
                entry.add(readBatch(in, id, epoch));
            }
            entries.put(id, entry);
        }
        return true;
    }

    private static ProducerBatch readBatch(ByteBuffer in, long id, short epoch) {
        int firstSequence = in.getInt();
        int lastSequence = in.getInt();
        long firstOffset = in.getLong();
        long lastOffset = in.getLong();
        return new ProducerBatch(
                id, epoch, firstSequence, lastSequence, firstOffset, lastOffset, in.getLong());
    }

    private static int crcOf(ByteBuffer bytes) {
        var crc = new CRC32C();
        crc.update(bytes.duplicate().position(bytes.position() + 4));
        return (int) crc.getValue();
    }
}
