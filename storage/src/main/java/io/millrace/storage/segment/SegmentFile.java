package io.millrace.storage.segment;

import io.millrace.storage.disk.DiskFile;
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

    /** Whether the bytes between two positions have a CRC32C. Reads them in pieces. */
    public boolean hasCrc(int crc, long from, long to) throws IOException {
        var computed = new CRC32C();
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
        return (int) computed.getValue() == crc;
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
