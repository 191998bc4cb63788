package io.millrace.storage.producer;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.agrona.collections.Long2ObjectHashMap;

/** The states of all producers as bytes with a CRC, and back. Stateless. */
final class ProducerSnapshot {
    private static final byte VERSION = 2;
    private static final int HEADER_BYTES = 4 + 1 + 4;
    static final int ENTRY_BYTES = 8 + 2 + 8 + 4 + 8 + 1;
    static final int BATCH_BYTES = 4 + 4 + 8 + 8 + 8;

    private ProducerSnapshot() {}

    static ByteBuffer encode(Long2ObjectHashMap<ProducerEntry> entries) {
        int batches = 0;
        for (ProducerEntry entry : entries.values()) {
            batches += entry.batches().size();
        }
        var bytes =
                ByteBuffer.allocate(
                        HEADER_BYTES + entries.size() * ENTRY_BYTES + batches * BATCH_BYTES);
        bytes.putInt(0).put(VERSION).putInt(entries.size());
        entries.forEachLong((id, entry) -> write(bytes, id, entry));
        bytes.flip();
        bytes.putInt(0, crcOf(bytes));
        return bytes;
    }

    /** One producer, its id first. */
    static void write(ByteBuffer bytes, long id, ProducerEntry entry) {
        bytes.putLong(id)
                .putShort(entry.epoch())
                .putLong(entry.lastTimestampMs())
                .putInt(entry.coordinatorEpoch())
                .putLong(entry.transactionFirstOffset())
                .put((byte) entry.batches().size());
        for (ProducerBatch batch : entry.batches()) {
            bytes.putInt(batch.firstSequence())
                    .putInt(batch.lastSequence())
                    .putLong(batch.firstOffset())
                    .putLong(batch.lastOffset())
                    .putLong(batch.timestampMs());
        }
    }

    /** Adds what the bytes hold to {@code entries}; false, and nothing added, if they are bad. */
    static boolean decode(ByteBuffer bytes, Long2ObjectHashMap<ProducerEntry> entries) {
        if (bytes.remaining() < HEADER_BYTES
                || bytes.getInt(bytes.position()) != crcOf(bytes)
                || bytes.get(bytes.position() + 4) != VERSION) {
            return false;
        }
        ByteBuffer in = bytes.duplicate();
        in.position(in.position() + 5);
        for (int left = in.getInt(); left > 0; left--) {
            long id = in.getLong();
            entries.put(id, read(in, id));
        }
        return true;
    }

    /** Reads what is behind the id. */
    static ProducerEntry read(ByteBuffer in, long id) {
        short epoch = in.getShort();
        long lastTimestampMs = in.getLong();
        int coordinatorEpoch = in.getInt();
        long transactionFirstOffset = in.getLong();
        var entry =
                new ProducerEntry(epoch, lastTimestampMs, coordinatorEpoch, transactionFirstOffset);
        for (int left = in.get(); left > 0; left--) {
            entry.restore(readBatch(in, id, epoch));
        }
        return entry;
    }

    private static ProducerBatch readBatch(ByteBuffer in, long id, short epoch) {
        int firstSequence = in.getInt();
        int lastSequence = in.getInt();
        long firstOffset = in.getLong();
        long lastOffset = in.getLong();
        long timestampMs = in.getLong();
        return new ProducerBatch(
                id,
                epoch,
                firstSequence,
                lastSequence,
                firstOffset,
                lastOffset,
                timestampMs,
                false);
    }

    private static int crcOf(ByteBuffer bytes) {
        var crc = new CRC32C();
        crc.update(bytes.duplicate().position(bytes.position() + 4));
        return (int) crc.getValue();
    }
}
