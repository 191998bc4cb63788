package io.millrace.storage.recovery;

import io.millrace.storage.batch.RecordBatchView;
import io.millrace.storage.plan.Quarantine;
import io.millrace.storage.segment.BatchWalker;
import io.millrace.storage.segment.SegmentFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Finds out how far bad bytes reach: up to the next place from which batches continue to the end of
 * the file, or for so long that they are no accident.
 */
public final class Damage {
    private static final int SEARCH_CHUNK_BYTES = 1 << 20;
    private static final int SECTOR_BYTES = 512;

    /** No batch begins with so many zeros: its length is among them. */
    private static final int LEAST_HOLE_BYTES = 12;

    private static final int ENOUGH_BATCHES = 4;

    private Damage() {}

    /**
     * Where bad bytes begin.
     *
     * @param expectedOffset first offset that is missing
     * @param limit bytes of the data file
     * @param endOffset offsets of the segment end before this
     */
    public record Place(
            long segmentBase, long position, long expectedOffset, long limit, long endOffset) {
        /** The range from there on. */
        public Quarantine.Range upTo(long endPosition, long untilOffset) {
            return new Quarantine.Range(
                    segmentBase, position, endPosition, expectedOffset, untilOffset);
        }
    }

    /** The range from a bad place to the next good batch; null if there is none. */
    public static Quarantine.@Nullable Range upToNextGood(SegmentFile file, Place bad)
            throws IOException {
        var chunk = ByteBuffer.allocate(chunkBytes(bad));
        long told = endAsTold(file, bad);
        for (long at = bad.position() + 1; at + RecordBatchView.HEADER_BYTES <= bad.limit(); ) {
            chunk.clear();
            int read = file.disk().read(chunk, at);
            int starts = read - RecordBatchView.HEADER_BYTES + 1;
            for (int i = 0; i < starts; i++) {
                if (looksLikeBatch(chunk, i, bad) && continues(file, bad, at + i, told)) {
                    return bad.upTo(at + i, chunk.getLong(i));
                }
            }
            if (starts <= 0) {
                break;
            }
            at += starts;
        }
        return null;
    }

    /** Where the bad batch ends if its length is as it was written; -1 if it cannot be. */
    private static long endAsTold(SegmentFile file, Place bad) throws IOException {
        var length = ByteBuffer.allocate(Integer.BYTES);
        int read = file.disk().read(length, bad.position() + Long.BYTES);
        return read == Integer.BYTES
                ? bad.position() + Long.BYTES + Integer.BYTES + length.getInt(0)
                : -1;
    }

    /**
     * What is left of a batch whose header was changed after it was written, and where its CRC does
     * not reach: in its base offset, length, leader epoch or magic. The bytes from the bad place to
     * an end are as the CRC says.
     *
     * @return its last offset, counted from its first; -1 if that is not what lies there, or it may
     *     be a write of which the first sector is missing
     */
    static int deltaIfOnlyHeaderIsBad(SegmentFile file, Place bad, long endPosition)
            throws IOException {
        long inSector = bad.position() % SECTOR_BYTES;
        boolean mayBeTorn = inSector + RecordBatchView.CRC_COVERS_FROM >= SECTOR_BYTES;
        return !mayBeTorn && isAsItsCrcSays(file, bad.position(), endPosition)
                ? header(file, bad.position()).lastOffsetDelta()
                : -1;
    }

    private static RecordBatchView header(SegmentFile file, long position) throws IOException {
        var bytes = ByteBuffer.allocate(RecordBatchView.HEADER_BYTES);
        file.disk().read(bytes, position);
        return new RecordBatchView().wrap(bytes, 0);
    }

    /** Whether a batch lies there that ends there, whatever its length field says. */
    private static boolean isAsItsCrcSays(SegmentFile file, long position, long endPosition)
            throws IOException {
        if (endPosition - position < RecordBatchView.HEADER_BYTES) {
            return false;
        }
        long from = position + RecordBatchView.CRC_COVERS_FROM;
        return file.hasCrc(header(file, position).crc(), from, endPosition);
    }

    /**
     * Whether some of what is bad never reached the disk: the part of it that a sector holds is all
     * zeros, or the file ends within a batch. A flipped bit leaves no such trace, but the records
     * around it may be zeros themselves; the batch's CRC tells of it.
     *
     * @param upToGood the range from there to the next good batch, if there is one
     */
    static boolean wasNeverWritten(SegmentFile file, Place bad, Quarantine.@Nullable Range upToGood)
            throws IOException {
        if (upToGood == null && isCutShort(file, bad)) {
            return true;
        }
        if (lacksItsFirstBytes(file, bad)) {
            return true;
        }
        long end = upToGood == null ? bad.limit() : upToGood.endPosition();
        return hasHole(file, bad.position(), end) && !isOneBitOff(file, bad);
    }

    /**
     * Whether the batch's first bytes, too few for a hole, lie in a sector for themselves and are
     * all zeros, where more than one bit of the offset that is due is not.
     */
    private static boolean lacksItsFirstBytes(SegmentFile file, Place bad) throws IOException {
        int bytes = SECTOR_BYTES - (int) (bad.position() % SECTOR_BYTES);
        if (bytes >= LEAST_HOLE_BYTES) {
            return false;
        }
        var first = ByteBuffer.allocate(bytes);
        file.disk().read(first, bad.position());
        long due = bad.expectedOffset() >>> Byte.SIZE * (Long.BYTES - Math.min(bytes, Long.BYTES));
        return isZero(first.flip()) && Long.bitCount(due) > 1;
    }

    /** Whether one flipped bit explains the batch's CRC. */
    private static boolean isOneBitOff(SegmentFile file, Place bad) throws IOException {
        long from = bad.position() + RecordBatchView.CRC_COVERS_FROM;
        long end = endAsTold(file, bad);
        if (end <= from || end > bad.limit()) {
            return false;
        }
        int difference = header(file, bad.position()).crc() ^ file.crc(from, end);
        return Crc32cErrors.isOfOneBit(difference, end - from);
    }

    private static boolean isCutShort(SegmentFile file, Place bad) throws IOException {
        return bad.limit() - bad.position() < RecordBatchView.HEADER_BYTES
                || endAsTold(file, bad) > bad.limit()
                        && !isAsItsCrcSays(file, bad.position(), bad.limit());
    }

    private static boolean hasHole(SegmentFile file, long position, long endPosition)
            throws IOException {
        var sector = ByteBuffer.allocate(SECTOR_BYTES);
        for (long from = position; from < endPosition; ) {
            long to = Math.min(endPosition, (from / SECTOR_BYTES + 1) * SECTOR_BYTES);
            sector.clear().limit((int) (to - from));
            file.disk().read(sector, from);
            if (to - from >= LEAST_HOLE_BYTES && isZero(sector.flip())) {
                return true;
            }
            from = to;
        }
        return false;
    }

    private static boolean isZero(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            if (bytes.get() != 0) {
                return false;
            }
        }
        return true;
    }

    private static int chunkBytes(Place bad) {
        long left = Math.max(RecordBatchView.HEADER_BYTES, bad.limit() - bad.position());
        return (int) Math.min(SEARCH_CHUNK_BYTES, left);
    }

    private static boolean looksLikeBatch(ByteBuffer chunk, int at, Place bad) {
        return chunk.get(at + 16) == RecordBatchView.MAGIC
                && chunk.getLong(at) > bad.expectedOffset()
                && chunk.getLong(at) < bad.endOffset()
                && chunk.getInt(at + 8) > 0;
    }

    /**
     * Whether a good batch begins there that is where it belongs, and headers follow; a record's
     * value may hold one too, but not where the bad batch ends.
     *
     * @param told where the bad batch says that it ends
     */
    private static boolean continues(SegmentFile file, Place bad, long at, long told)
            throws IOException {
        var range =
                new BatchWalker.Range(bad.segmentBase(), at, bad.limit(), bad.expectedOffset() + 1);
        var walker = new BatchWalker(file, range, new Quarantine());
        if (walker.next() != BatchWalker.Step.BATCH || !walker.isIntact()) {
            return false;
        }
        var stretch = new Stretch(file, bad.segmentBase(), bad.limit(), bad.endOffset());
        if (new Succession(stretch, null, new Quarantine(), Succession.SPARSE).isOutvoted(walker)) {
            return false;
        }
        if (at == told || isAsItsCrcSays(file, bad.position(), at)) {
            return true;
        }
        for (int i = 1; i < ENOUGH_BATCHES; i++) {
            BatchWalker.Step step = walker.next();
            if (step != BatchWalker.Step.BATCH) {
                return step == BatchWalker.Step.END || walker.position() > at && i > 1;
            }
        }
        return true;
    }
}
