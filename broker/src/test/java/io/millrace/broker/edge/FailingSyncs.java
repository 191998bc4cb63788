package io.millrace.broker.edge;

import io.millrace.storage.disk.Disk;
import io.millrace.storage.disk.DiskFile;
import io.millrace.storage.disk.RealDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A real disk of which the files below some folder can no longer be synced when it is told so. */
final class FailingSyncs implements Disk {
    private final Disk disk = new RealDisk();
    private final String folder;
    private volatile boolean failing;

    FailingSyncs(String folder) {
        this.folder = folder;
    }

    void fail() {
        failing = true;
    }

    @Override
    public DiskFile open(Path file) throws IOException {
        DiskFile opened = disk.open(file);
        return file.toString().contains("/" + folder + "/") ? new File(opened) : opened;
    }

    @Override
    public List<String> list(Path of) throws IOException {
        return disk.list(of);
    }

    @Override
    public void createFolder(Path created) throws IOException {
        disk.createFolder(created);
    }

    @Override
    public ByteBuffer readWhole(Path file) throws IOException {
        return disk.readWhole(file);
    }

    @Override
    public void replace(Path file, ByteBuffer content, boolean durable) throws IOException {
        disk.replace(file, content, durable);
    }

    @Override
    public long size(Path file) throws IOException {
        return disk.size(file);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        disk.rename(from, to);
    }

    @Override
    public void delete(Path path) throws IOException {
        disk.delete(path);
    }

    @Override
    public void syncFolder(Path synced) throws IOException {
        disk.syncFolder(synced);
    }

    @Override
    public long usableBytes(Path of) throws IOException {
        return disk.usableBytes(of);
    }

    private final class File implements DiskFile {
        private final DiskFile file;

        File(DiskFile file) {
            this.file = file;
        }

        @Override
        public void sync() throws IOException {
            if (failing) {
                throw new IOException("Input/output error");
            }
            file.sync();
        }

        @Override
        public void write(ByteBuffer bytes, long position) throws IOException {
            file.write(bytes, position);
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            return file.read(target, position);
        }

        @Override
        public void truncate(long size) throws IOException {
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
