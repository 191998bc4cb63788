package io.millrace.storage;

import io.millrace.storage.plan.LeaderEpochs;
import io.millrace.storage.plan.Quarantine;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What a log remembers of itself beside its segments: one small file a folder, replaced in one
 * step.
 *
 * @param recoveryOffset everything before it was flushed: recovery reads only past it
 * @param stateOffset the log's end when {@code producers} was taken
 * @param clean whether the log was closed cleanly at {@code stateOffset}
 * @param cleanedTo what is before it has been compacted
 * @param lastSegmentBytes size of the last segment at that time
 * @param producers a snapshot of the producers' states
 */
record Checkpoint(
        long logStartOffset,
        long recoveryOffset,
        long stateOffset,
        boolean clean,
        long cleanedTo,
        long lastSegmentBytes,
        List<LeaderEpochs.Start> epochs,
        List<Quarantine.Range> quarantined,
        ByteBuffer producers) {
    static final String FILE_NAME = "checkpoint";
    private static final byte VERSION = 1;
    private static final int FIXED_BYTES = 4 + 1 + 8 * 5 + 1 + 4 * 3;

    ByteBuffer encode() {
        int size =
                FIXED_BYTES + epochs.size() * 12 + quarantined.size() * 40 + producers.remaining();
        var bytes = ByteBuffer.allocate(size);
        bytes.putInt(0).put(VERSION);
        bytes.putLong(logStartOffset).putLong(recoveryOffset).putLong(stateOffset);
        bytes.putLong(cleanedTo).putLong(lastSegmentBytes).put((byte) (clean ? 1 : 0));
        bytes.putInt(epochs.size()).putInt(quarantined.size()).putInt(producers.remaining());
        epochs.forEach(start -> bytes.putInt(start.epoch()).putLong(start.offset()));
        for (Quarantine.Range range : quarantined) {
            bytes.putLong(range.segmentBase())
                    .putLong(range.position())
                    .putLong(range.endPosition())
                    .putLong(range.firstOffset())
                    .putLong(range.endOffset());
        }
        bytes.put(producers.duplicate()).flip();
        bytes.putInt(0, crcOf(bytes));
        return bytes;
    }

    /** Reads what {@link #encode} wrote; null if there is nothing, or its CRC is wrong. */
    static @Nullable Checkpoint decode(ByteBuffer bytes) {
        if (bytes.remaining() < FIXED_BYTES
                || bytes.getInt(0) != crcOf(bytes)
                || bytes.get(4) != VERSION) {
            return null;
        }
        ByteBuffer in = bytes.duplicate().position(5);
        long logStartOffset = in.getLong();
        long recoveryOffset = in.getLong();
        long stateOffset = in.getLong();
        long cleanedTo = in.getLong();
        long lastSegmentBytes = in.getLong();
        boolean clean = in.get() == 1;
        int epochCount = in.getInt();
        int rangeCount = in.getInt();
        int producerBytes = in.getInt();
        var epochs = new ArrayList<LeaderEpochs.Start>();
        for (int i = 0; i < epochCount; i++) {
            int epoch = in.getInt();
            epochs.add(new LeaderEpochs.Start(epoch, in.getLong()));
        }
        var ranges = new ArrayList<Quarantine.Range>();
        for (int i = 0; i < rangeCount; i++) {
            long base = in.getLong();
            long position = in.getLong();
            long endPosition = in.getLong();
            long first = in.getLong();
            ranges.add(new Quarantine.Range(base, position, endPosition, first, in.getLong()));
        }
        ByteBuffer producers = in.slice(in.position(), producerBytes);
        return new Checkpoint(
                logStartOffset,
                recoveryOffset,
                stateOffset,
                clean,
                cleanedTo,
                lastSegmentBytes,
                epochs,
                ranges,
                producers);
    }

    private static int crcOf(ByteBuffer bytes) {
        var crc = new CRC32C();
        crc.update(bytes.duplicate().position(4));
        return (int) crc.getValue();
    }
}
