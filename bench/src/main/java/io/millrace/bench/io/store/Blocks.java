package io.millrace.bench.io.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Memory for blocks, and files full of them. */
public final class Blocks {
    private static final int ALIGNMENT_BYTES = 4096;
    private static final int CHUNK_BYTES = 1 << 20;

    private Blocks() {}

    /** A direct buffer as O_DIRECT needs it: it begins where a page does. */
    public static ByteBuffer aligned(int bytes) {
        int pages = (bytes + ALIGNMENT_BYTES - 1) / ALIGNMENT_BYTES + 1;
        return ByteBuffer.allocateDirect(pages * ALIGNMENT_BYTES)
                .alignedSlice(ALIGNMENT_BYTES)
                .limit(bytes);
    }

    /** A block with something in it that no file system can leave out. */
    public static ByteBuffer filled(int bytes) {
        ByteBuffer block = aligned(bytes);
        for (int at = 0; at < bytes; at++) {
            block.put(at, (byte) (at * 31 + 7));
        }
        return block;
    }

    /** Makes a file of zeros, on disk when this returns. */
    public static void makeZeros(Path file, long bytes) throws IOException {
        make(file, bytes, aligned(CHUNK_BYTES));
    }

    /** Makes a file of data, on disk when this returns. */
    public static void makeData(Path file, long bytes) throws IOException {
        make(file, bytes, filled(CHUNK_BYTES));
    }

    private static void make(Path file, long bytes, ByteBuffer chunk) throws IOException {
        try (var channel =
                FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (long at = 0; at < bytes; at += chunk.limit()) {
                ByteBuffer part = chunk.duplicate().position(0);
                part.limit((int) Math.min(chunk.limit(), bytes - at));
                writeFully(channel, part, at);
            }
            channel.force(true);
        }
    }

    public static void writeFully(FileChannel channel, ByteBuffer bytes, long position)
            throws IOException {
        long at = position;
        while (bytes.hasRemaining()) {
            at += channel.write(bytes, at);
        }
    }

    /** The file of a number in a folder. */
    public static Path file(Path folder, int number) {
        return folder.resolve("file-" + number);
    }

    /**
     * The option that opens a file past the page cache. The JDK has it where javac does not look.
     *
     * @throws UnsupportedOperationException if the JDK does not have it
     */
    public static OpenOption direct() {
        try {
            Class<?> options = Class.forName("com.sun.nio.file.ExtendedOpenOption");
            return (OpenOption) options.getField("DIRECT").get(null);
        } catch (ReflectiveOperationException e) {
            throw new UnsupportedOperationException("this JDK has no O_DIRECT", e);
        }
    }

    /** Whether files of a folder can be opened past the page cache. */
    public static boolean canBeDirect(Path folder) throws IOException {
        Path probe = folder.resolve("direct");
        try (var channel =
                FileChannel.open(
                        probe, StandardOpenOption.CREATE, StandardOpenOption.WRITE, direct())) {
            writeFully(channel, aligned(ALIGNMENT_BYTES), 0);
            return true;
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        } finally {
            Files.deleteIfExists(probe);
        }
    }
}
