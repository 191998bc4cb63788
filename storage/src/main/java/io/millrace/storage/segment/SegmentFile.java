package io.millrace.storage.segment;

import io.millrace.storage.disk.DiskFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An open data file, closed when its last holder lets go. Holds may be given back on any thread.
 */
public final class SegmentFile {
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
