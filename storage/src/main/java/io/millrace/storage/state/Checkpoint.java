package io.millrace.storage.state;

import io.millrace.storage.plan.LeaderEpochs;
import io.millrace.storage.plan.Quarantine;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What a log remembers of itself beside its segments, as of a moment at which all of it was on
 * disk: one small file a folder, replaced in one step. Recovery reads only past it.
 *
 * @param endOffset the log's end then: everything before it was flushed
 * @param cleanedTo what is before it has been compacted
 * @param highWatermark the last one that was recorded; {@link #NO_HIGH_WATERMARK} if none was
 * @param synced whether nothing was acknowledged before it was synced; false if that is not known
 * @param rewritesKept whether {@link RewrittenSegments} are kept beside it; false if that is not
 *     known
 * @param restarting whether everything that lies beside it is to be deleted: the log starts anew
 * @param segments those that have batches, in order
 * @param producers a snapshot of the producers' states
 */
public record Checkpoint(
        long logStartOffset,
        long endOffset,
        long cleanedTo,
        long highWatermark,
        boolean synced,
        boolean rewritesKept,
        boolean restarting,
        List<StoredSegment> segments,
        List<LeaderEpochs.Start> epochs,
        List<Quarantine.Range> quarantined,
        ByteBuffer producers) {
    public static final String FILE_NAME = "checkpoint";

    /** No high watermark was recorded. */
    public static final long NO_HIGH_WATERMARK = -1;

    private static final byte VERSION = 4;

    /** The last version that has no high watermark, and no restart. */
    private static final byte VERSION_WITHOUT_HIGH_WATERMARK = 3;

    private static final int HIGH_WATERMARK_BYTES = 8 + 1;
    private static final byte RESTARTING = 1;
    private static final byte SYNCED = 2;
    private static final byte REWRITES_KEPT = 4;
    private static final int SEGMENT_BYTES = 5 * 8 + 1;
    private static final int EPOCH_BYTES = 4 + 8;
    private static final int RANGE_BYTES = 5 * 8;
    private static final int FIXED_BYTES = 4 + 1 + 8 * 3 + 4 * 4;

    /**
     * A segment as it was; its timestamps spare opening it.
     *
     * @param aborts whether it has an index of aborted transactions
     */
    public record StoredSegment(
            long baseOffset,
            long sizeBytes,
            long nextOffset,
            long firstTimestampMs,
            long maxTimestampMs,
            boolean aborts) {}

    public ByteBuffer encode() {
        int size =
                FIXED_BYTES
                        + HIGH_WATERMARK_BYTES
                        + segments.size() * SEGMENT_BYTES
                        + epochs.size() * EPOCH_BYTES
                        + quarantined.size() * RANGE_BYTES
                        + producers.remaining();
        var bytes = ByteBuffer.allocate(size);
        bytes.putInt(0).put(VERSION);
        bytes.putLong(logStartOffset).putLong(endOffset).putLong(cleanedTo);
        bytes.putLong(highWatermark).put(flags());
        bytes.putInt(segments.size());
        for (StoredSegment segment : segments) {
            bytes.putLong(segment.baseOffset())
                    .putLong(segment.sizeBytes())
                    .putLong(segment.nextOffset())
                    .putLong(segment.firstTimestampMs())
                    .putLong(segment.maxTimestampMs())
                    .put((byte) (segment.aborts() ? 1 : 0));
        }
        bytes.putInt(epochs.size());
        epochs.forEach(start -> bytes.putInt(start.epoch()).putLong(start.offset()));
        bytes.putInt(quarantined.size());
        for (Quarantine.Range range : quarantined) {
            bytes.putLong(range.segmentBase())
                    .putLong(range.position())
                    .putLong(range.endPosition())
                    .putLong(range.firstOffset())
                    .putLong(range.endOffset());
        }
        bytes.putInt(producers.remaining()).put(producers.duplicate()).flip();
        return bytes.putInt(0, crcOf(bytes));
    }

    private byte flags() {
        int flags = restarting ? RESTARTING : 0;
        flags |= synced ? SYNCED : 0;
        flags |= rewritesKept ? REWRITES_KEPT : 0;
        return (byte) flags;
    }

    /** A log that has nothing yet but the offset at which it starts. */
    public static Checkpoint restartingAt(long offset, ByteBuffer producers) {
        return new Checkpoint(
                offset, offset, 0, offset, false, false, true, List.of(), List.of(), List.of(),
                producers);
    }

    /** Reads what {@link #encode} wrote; null if its CRC is wrong. */
    public static @Nullable Checkpoint decode(ByteBuffer bytes) {
        if (bytes.remaining() < FIXED_BYTES || bytes.getInt(0) != crcOf(bytes)) {
            return null;
        }
        byte version = bytes.get(4);
        if (version != VERSION && version != VERSION_WITHOUT_HIGH_WATERMARK) {
            return null;
        }
        try {
            return decodeBody(bytes.duplicate().position(5), version == VERSION);
        } catch (BufferUnderflowException e) {
            return null;
        }
    }

    private static Checkpoint decodeBody(ByteBuffer in, boolean withHighWatermark) {
        long logStartOffset = in.getLong();
        long endOffset = in.getLong();
        long cleanedTo = in.getLong();
        long highWatermark = withHighWatermark ? in.getLong() : NO_HIGH_WATERMARK;
        byte flags = withHighWatermark ? in.get() : 0;
        var segments = new ArrayList<StoredSegment>();
        for (int left = in.getInt(); left > 0; left--) {
            long base = in.getLong();
            long size = in.getLong();
            long next = in.getLong();
            long first = in.getLong();
            long max = in.getLong();
            segments.add(new StoredSegment(base, size, next, first, max, in.get() == 1));
        }
        var epochs = new ArrayList<LeaderEpochs.Start>();
        for (int left = in.getInt(); left > 0; left--) {
            int epoch = in.getInt();
            epochs.add(new LeaderEpochs.Start(epoch, in.getLong()));
        }
        var ranges = new ArrayList<Quarantine.Range>();
        for (int left = in.getInt(); left > 0; left--) {
            long base = in.getLong();
            long position = in.getLong();
            long endPosition = in.getLong();
            long first = in.getLong();
            ranges.add(new Quarantine.Range(base, position, endPosition, first, in.getLong()));
        }
        int producerBytes = in.getInt();
        if (producerBytes < 0 || producerBytes > in.remaining()) {
            throw new BufferUnderflowException();
        }
        ByteBuffer producers = in.slice(in.position(), producerBytes);
        return new Checkpoint(
                logStartOffset,
                endOffset,
                cleanedTo,
                highWatermark,
                (flags & SYNCED) != 0,
                (flags & REWRITES_KEPT) != 0,
                (flags & RESTARTING) != 0,
                segments,
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
