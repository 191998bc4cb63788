package io.millrace.bench.lab.fault;

import io.millrace.storage.disk.Disk;
import io.millrace.storage.disk.DiskFile;
import io.millrace.storage.disk.RealDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A disk whose syncs can be slowed, and of which a {@link DurableCopy} knows what a failure of the
 * power would leave. Thread-safe.
 */
final class FaultyDisk implements Disk {
    private final RealDisk real = new RealDisk();
    private final DurableCopy copy;
    private volatile long syncDelayMs;

    FaultyDisk(DurableCopy copy) {
        this.copy = copy;
    }

    /** From now on every sync takes so much longer. */
    void slowDown(long delayMs) {
        syncDelayMs = delayMs;
    }

    @Override
    public List<String> list(Path folder) throws IOException {
        return real.list(folder);
    }

    @Override
    public void createFolder(Path folder) throws IOException {
        real.createFolder(folder);
    }

    @Override
    public DiskFile open(Path file) throws IOException {
        return new FaultyFile(file, real.open(file));
    }

    @Override
    public ByteBuffer readWhole(Path file) throws IOException {
        return real.readWhole(file);
    }

    @Override
    public void replace(Path file, ByteBuffer content, boolean durable) throws IOException {
        real.replace(file, content, durable);
        if (durable) {
            delay();
            copy.replaced(file);
        }
    }

    @Override
    public long size(Path file) throws IOException {
        return real.size(file);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        real.rename(from, to);
        copy.renamed(from, to);
    }

    @Override
    public void delete(Path path) throws IOException {
        real.delete(path);
    }

    @Override
    public void syncFolder(Path folder) throws IOException {
        delay();
        real.syncFolder(folder);
        copy.folderSynced(folder);
    }

    @Override
    public long usableBytes(Path folder) throws IOException {
        return real.usableBytes(folder);
    }

    private void delay() throws IOException {
        try {
            TimeUnit.MILLISECONDS.sleep(syncDelayMs);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the disk was slow", e);
        }
    }

    private final class FaultyFile implements DiskFile {
        private final Path path;
        private final DiskFile file;

        FaultyFile(Path path, DiskFile file) {
            this.path = path;
            this.file = file;
        }

        @Override
        public void write(ByteBuffer bytes, long position) throws IOException {
            copy.changed(path, position);
            file.write(bytes, position);
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            return file.read(target, position);
        }

        @Override
        public void sync() throws IOException {
            DurableCopy.Snapshot now = copy.snapshot(path, file.size());
            delay();
            file.sync();
            now.becameDurable();
        }

        @Override
        public void truncate(long size) throws IOException {
            copy.changed(path, size);
            file.truncate(size);
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public @Nullable FileChannel channel() {
            return file.channel();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
