package io.millrace.bench.micro;

import io.millrace.bench.io.store.BenchLog;
import io.millrace.storage.Durability;
import io.millrace.storage.LogConfig;
import io.millrace.storage.disk.RealDisk;
import io.millrace.storage.flush.FlushQueue;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** A log in a folder in memory that keeps its newest 128 MiB. Deletes the folder when closed. */
final class MemoryLog implements AutoCloseable {
    private static final int SEGMENT_BYTES = 32 << 20;
    private static final long RETENTION_BYTES = 4L * SEGMENT_BYTES;

    private final Path folder = TempFolder.make();
    private final FlushQueue flushes = new FlushQueue(Runnable::run);
    private final BenchLog log =
            new BenchLog(folder.resolve("t-0"), Durability.OS, config(), flushes);
    private long nextTrimBytes = RETENTION_BYTES;
    private long appendedBytes;

    /** Settings of a log that rolls often and keeps little. */
    static LogConfig config() {
        LogConfig defaults = LogConfig.defaults();
        var segments = defaults.segment();
        var retention = defaults.retention();
        return defaults.withSegment(
                        new LogConfig.Segments(
                                SEGMENT_BYTES,
                                segments.ms(),
                                0,
                                segments.indexBytes(),
                                segments.indexIntervalBytes()))
                .withRetention(
                        new LogConfig.Retention(
                                true,
                                false,
                                retention.ms(),
                                RETENTION_BYTES,
                                retention.compaction()));
    }

    BenchLog log() {
        return log;
    }

    /** Appends batches until so many bytes are in. */
    void fill(ByteBuffer batch, long bytes) {
        for (long done = 0; done < bytes; done += batch.remaining()) {
            log.appendOrFail(batch);
        }
    }

    /** Notes an append, and deletes what is past the limit now and then. */
    void appended(int bytes) {
        appendedBytes += bytes;
        if (appendedBytes >= nextTrimBytes) {
            nextTrimBytes = appendedBytes + SEGMENT_BYTES;
            log.log().retain(System.currentTimeMillis(), log.log().logEndOffset());
            log.runTasks();
        }
    }

    @Override
    public void close() throws IOException {
        log.close();
        flushes.close();
        new RealDisk().delete(folder);
    }
}
