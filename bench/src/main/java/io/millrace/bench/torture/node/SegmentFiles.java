package io.millrace.bench.torture.node;

import io.millrace.bench.torture.verdict.StoredBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * The batches of a partition as its {@code .log} files hold them, read without the broker's help.
 */
public final class SegmentFiles {
    private static final int HEADER_BYTES = 61;
    private static final int LENGTH_AT = 8;
    private static final int BEFORE_LENGTH = 12;
    private static final int LAST_OFFSET_DELTA_AT = 23;

    private SegmentFiles() {}

    /** A batch and where it lies. */
    public record Located(StoredBatch batch, Path segment, long position, int bytes) {}

    /** The batches of a partition's folder, of each segment up to where it makes no sense. */
    public static List<Located> of(Path folder) throws IOException {
        var all = new ArrayList<Located>();
        if (Files.isDirectory(folder)) {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path segment :
                        files.filter(file -> file.toString().endsWith(".log")).sorted().toList()) {
                    read(segment, all);
                }
            }
        }
        return all;
    }

    private static void read(Path segment, List<Located> all) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(segment));
        int position = 0;
        while (bytes.limit() - position >= HEADER_BYTES) {
            int size = BEFORE_LENGTH + bytes.getInt(position + LENGTH_AT);
            if (size < HEADER_BYTES || size > bytes.limit() - position) {
                return;
            }
            var crc = new CRC32C();
            crc.update(bytes.slice(position, size));
            long base = bytes.getLong(position);
            long end = base + bytes.getInt(position + LAST_OFFSET_DELTA_AT) + 1;
            all.add(
                    new Located(
                            new StoredBatch(base, end, ((long) size << 32) | crc.getValue()),
                            segment,
                            position,
                            size));
            position += size;
        }
    }

    /** Turns one bit of a batch. */
    public static void flip(Located batch, int bit) throws IOException {
        long at = batch.position() + bit / Byte.SIZE;
        try (FileChannel file =
                FileChannel.open(
                        batch.segment(), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            if (file.read(one, at) != 1) {
                throw new IOException(batch.segment() + " has no byte " + at);
            }
            one.put(0, (byte) (one.get(0) ^ (1 << bit % Byte.SIZE)));
            file.write(one.flip(), at);
            file.force(false);
        }
    }
}
