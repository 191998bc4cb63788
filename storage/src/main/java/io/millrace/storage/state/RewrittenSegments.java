package io.millrace.storage.state;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.Predicate;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The data files that took the place of others, by their sizes: those that compaction has left,
 * which may end before the next segment begins, and repaired ones. Kept in a file beside the
 * segments, which is durable before the first of them is in its place, so that recovery can tell
 * one of them from a segment that has lost its end.
 *
 * @param files by base offset; several of a segment if it may be either
 */
public record RewrittenSegments(List<DataFile> files) {
    public static final String FILE_NAME = "rewritten";

    /** None was. */
    public static final RewrittenSegments NONE = new RewrittenSegments(List.of());

    private static final byte VERSION = 1;
    private static final int HEADER_BYTES = 4 + 1;
    private static final int ENTRY_BYTES = 2 * 8;

    /** A data file of a segment. */
    public record DataFile(long baseOffset, long sizeBytes) {}

    public RewrittenSegments {
        files = List.copyOf(files);
    }

    /** Whether a file that took another's place has this size. */
    public boolean has(long baseOffset, long sizeBytes) {
        return files.contains(new DataFile(baseOffset, sizeBytes));
    }

    /** These and others. */
    public RewrittenSegments with(Collection<DataFile> others) {
        var all = new LinkedHashSet<>(files);
        all.addAll(others);
        return new RewrittenSegments(
                all.stream()
                        .sorted(
                                Comparator.comparingLong(DataFile::baseOffset)
                                        .thenComparingLong(DataFile::sizeBytes))
                        .toList());
    }

    /** Those of them that are wanted still. */
    public RewrittenSegments only(Predicate<DataFile> wanted) {
        return new RewrittenSegments(files.stream().filter(wanted).toList());
    }

    /** The bytes of its file, with a CRC. */
    public ByteBuffer encode() {
        var bytes = ByteBuffer.allocate(HEADER_BYTES + files.size() * ENTRY_BYTES);
        bytes.putInt(0).put(VERSION);
        files.forEach(file -> bytes.putLong(file.baseOffset()).putLong(file.sizeBytes()));
        bytes.flip();
        return bytes.putInt(0, crcOf(bytes));
    }

    /** Reads what {@link #encode} wrote; none if there is no file, null if it is damaged. */
    public static @Nullable RewrittenSegments decode(ByteBuffer bytes) {
        if (!bytes.hasRemaining()) {
            return NONE;
        }
        boolean whole =
                bytes.remaining() >= HEADER_BYTES
                        && (bytes.remaining() - HEADER_BYTES) % ENTRY_BYTES == 0
                        && bytes.getInt(bytes.position()) == crcOf(bytes)
                        && bytes.get(bytes.position() + 4) == VERSION;
        if (!whole) {
            return null;
        }
        ByteBuffer in = bytes.duplicate().position(bytes.position() + HEADER_BYTES);
        var files = new ArrayList<DataFile>();
        while (in.hasRemaining()) {
            long base = in.getLong();
            files.add(new DataFile(base, in.getLong()));
        }
        return new RewrittenSegments(files);
    }

    private static int crcOf(ByteBuffer bytes) {
        var crc = new CRC32C();
        crc.update(bytes.duplicate().position(bytes.position() + 4));
        return (int) crc.getValue();
    }
}
