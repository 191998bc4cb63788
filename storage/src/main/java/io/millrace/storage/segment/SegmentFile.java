package io.millrace.storage.segment;

import io.millrace.storage.disk.DiskFile;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32C;

/**
 * An open data file, closed when its last holder lets go. Holds may be given back on any thread.
 */
public final class SegmentFile {
    /** Pieces in which a CRC is computed. */
    static final int PIECE_BYTES = 1 << 20;

    private final Path path;
    private final DiskFile file;
    private final AtomicInteger holders = new AtomicInteger(1);

    SegmentFile(Path path, DiskFile file) {
        this.path = path;
        this.file = file;
    }

    public Path path() {
        return path;
    }

    public DiskFile disk() {
        return file;
    }

    /** Whether the bytes between two positions are there and have a CRC32C. */
    public boolean hasCrc(int crc, long from, long to) throws IOException {
        var computed = new CRC32C();
        return update(computed, from, to) && (int) computed.getValue() == crc;
    }

    /** The CRC32C of the bytes between two positions, which must be there. */
    public int crc(long from, long to) throws IOException {
        var computed = new CRC32C();
        if (!update(computed, from, to)) {
            throw new EOFException("%s ends before byte %d".formatted(path, to));
        }
        return (int) computed.getValue();
    }

    /** Reads in pieces; false if the file ends too early. */
    private boolean update(CRC32C computed, long from, long to) throws IOException {
        var piece = ByteBuffer.allocate((int) Math.min(PIECE_BYTES, to - from));
        for (long at = from; at < to; ) {
            piece.clear().limit((int) Math.min(PIECE_BYTES, to - at));
            int read = file.read(piece, at);
            if (read <= 0) {
                return false;
            }
            computed.update(piece.flip());
            at += read;
        }
        return true;
    }

    /** Adds a holder; the caller must hold it already. */
    public SegmentFile retain() {
        if (holders.getAndIncrement() <= 0) {
            throw new IllegalStateException(path + " is closed");
        }
        return this;
    }

    /** Gives one hold back. */
    public void release() {
        int left = holders.decrementAndGet();
        if (left == 0) {
            try {
                file.close();
            } catch (IOException e) {
                throw new UncheckedIOException("cannot close " + path, e);
            }
        } else if (left < 0) {
            throw new IllegalStateException(path + " was released too often");
        }
    }
}
