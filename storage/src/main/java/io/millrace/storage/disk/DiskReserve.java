package io.millrace.storage.disk;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Room on the disk that clients may not fill, so that deletes, commits and retention go on when it
 * is nearly full. Measured when {@link #refresh} is called, not at every append. Thread-safe.
 */
public final class DiskReserve {
    private final Disk disk;
    private final Path folder;
    private final long reserveBytes;
    private final AtomicBoolean exhausted = new AtomicBoolean();

    /**
     * @param folder any folder on the file system meant
     * @param reserveBytes free bytes below which clients' writes are refused; 0 reserves none
     */
    public DiskReserve(Disk disk, Path folder, long reserveBytes) {
        this.disk = disk;
        this.folder = folder;
        this.reserveBytes = reserveBytes;
    }

    /** Measures again. Blocks shortly; returns whether the answer has changed. */
    public boolean refresh() throws IOException {
        boolean now = reserveBytes > 0 && disk.usableBytes(folder) < reserveBytes;
        return exhausted.getAndSet(now) != now;
    }

    /** Whether less than the reserve was free when last measured. */
    public boolean isExhausted() {
        return exhausted.get();
    }
}
