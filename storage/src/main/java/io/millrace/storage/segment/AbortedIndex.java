package io.millrace.storage.segment;

import io.millrace.storage.producer.AbortedTransaction;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The aborted transactions whose markers one segment holds, in their order. As bytes they are
 * Kafka's {@code .txnindex}, so that its tools read them, with a CRC behind. Mutable; belongs to
 * the log's owner.
 */
public final class AbortedIndex {
    private static final short VERSION = 0;
    private static final int ENTRY_BYTES = 2 + 4 * 8;
    private static final int CRC_BYTES = 4;

    private final List<AbortedTransaction> entries;

    /**
     * @param entries in the order of their markers
     */
    public AbortedIndex(List<AbortedTransaction> entries) {
        this.entries = new ArrayList<>(entries);
    }

    void add(AbortedTransaction aborted) {
        entries.add(aborted);
    }

    /** Forgets those whose marker is at or past an offset; whether there were any. */
    boolean truncate(long offset) {
        return entries.removeIf(each -> each.lastOffset() >= offset);
    }

    List<AbortedTransaction> entries() {
        return entries;
    }

    /** The bytes of its file. */
    public ByteBuffer encode() {
        var bytes = ByteBuffer.allocate(entries.size() * ENTRY_BYTES + CRC_BYTES);
        for (AbortedTransaction each : entries) {
            bytes.putShort(VERSION)
                    .putLong(each.producerId())
                    .putLong(each.firstOffset())
                    .putLong(each.lastOffset())
                    .putLong(each.lastStableOffset());
        }
        return bytes.putInt(crcOf(bytes.array(), bytes.position())).flip();
    }

    /** Reads what {@link #encode} gave; null if that is not what these bytes are. */
    static @Nullable AbortedIndex decode(ByteBuffer bytes) {
        int body = bytes.remaining() - CRC_BYTES;
        if (body < 0 || body % ENTRY_BYTES != 0) {
            return null;
        }
        byte[] copy = new byte[body];
        bytes.get(bytes.position(), copy);
        if (bytes.getInt(bytes.position() + body) != crcOf(copy, body)) {
            return null;
        }
        var entries = new ArrayList<AbortedTransaction>(body / ENTRY_BYTES);
        ByteBuffer in = ByteBuffer.wrap(copy);
        while (in.hasRemaining()) {
            if (in.getShort() != VERSION) {
                return null;
            }
            long producerId = in.getLong();
            long first = in.getLong();
            long last = in.getLong();
            entries.add(new AbortedTransaction(producerId, first, last, in.getLong()));
        }
        return new AbortedIndex(entries);
    }

    private static int crcOf(byte[] bytes, int length) {
        var crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }
}
