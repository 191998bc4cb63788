package io.millrace.bench.io.store;

import io.millrace.bench.io.plan.SyncPolicy;
import io.millrace.bench.io.plan.Workload;
import io.millrace.storage.Durability;
import io.millrace.storage.LogConfig;
import io.millrace.storage.flush.FlushQueue;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Appends to partition logs as the broker does: each block is a batch that is checked, given its
 * offsets and written. Where blocks are synced, the logs' own group commit does it; where they are
 * not, the logs leave that to the operating system.
 */
public final class LogWrites implements WriteTarget {
    private static final int FLUSH_THREADS = 4;

    private final FlushQueue flushes = new FlushQueue(FLUSH_THREADS);
    private final List<BenchLog> logs = new ArrayList<>();
    private final List<BenchLog> dirty = new ArrayList<>();
    private final ByteBuffer batch;
    private final Path folder;
    private final Durability durability;

    public LogWrites(Path folder, Workload.Writes workload) {
        this.folder = folder;
        durability = workload.sync() instanceof SyncPolicy.Never ? Durability.OS : Durability.FSYNC;
        for (int file = 0; file < workload.files(); file++) {
            logs.add(
                    new BenchLog(
                            folder.resolve("log-" + file),
                            durability,
                            LogConfig.defaults(),
                            flushes));
        }
        batch = BenchBatches.ofSize(workload.blockBytes());
    }

    @Override
    public void write(int file, long block) {
        BenchLog log = logs.get(file);
        log.appendOrFail(batch);
        boolean pending = log.log().flushedOffset() < log.log().logEndOffset();
        if (pending && (dirty.isEmpty() || dirty.getLast() != log)) {
            dirty.add(log);
        }
    }

    @Override
    public void sync() throws IOException {
        if (durability == Durability.OS) {
            syncFiles();
        }
        dirty.forEach(log -> log.log().requestFlush());
        dirty.forEach(log -> log.awaitFlushed(log.log().logEndOffset()));
        dirty.clear();
    }

    private void syncFiles() throws IOException {
        try (var files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                    channel.force(false);
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        logs.forEach(BenchLog::close);
        flushes.close();
    }
}
