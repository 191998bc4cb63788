package io.millrace.storage;

import io.millrace.storage.PartitionLog.AppendRequest;
import io.millrace.storage.PartitionLog.AppendResult;
import io.millrace.storage.PartitionLog.Origin;
import io.millrace.storage.batch.BatchBuilder;
import io.millrace.storage.batch.Codec;
import io.millrace.storage.batch.RecordBatchView;
import io.millrace.storage.batch.RecordCursor;
import io.millrace.storage.batch.RecordView;
import io.millrace.storage.disk.Disk;
import io.millrace.storage.disk.DiskReserve;
import io.millrace.storage.disk.OpenFiles;
import io.millrace.storage.disk.RealDisk;
import io.millrace.storage.flush.FlushQueue;
import io.millrace.storage.plan.Quarantine;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Logs for tests: one owner that runs what it is sent at once, and what it was told. */
final class TestLogs implements LogOwner, LogEvents, AutoCloseable {
    final AtomicLong flushed = new AtomicLong();
    OpenFiles openFiles = OpenFiles.unlimited();
    final List<String> events = new ArrayList<>();
    private final FlushQueue flushes = new FlushQueue(Runnable::run);
    private final Disk disk = new RealDisk();

    LogEnvironment environment(Path folder, Durability durability) {
        return new LogEnvironment(
                disk, flushes, durability, 86_400_000, new DiskReserve(disk, folder, 0), this);
    }

    PartitionLog open(Path folder, LogConfig config) {
        return PartitionLog.open(
                environment(folder.resolveSibling("x"), Durability.OS), folder, config, this, 1000);
    }

    @Override
    public OpenFiles openFiles() {
        return openFiles;
    }

    static LogConfig smallSegments(int bytes) {
        LogConfig defaults = LogConfig.defaults();
        return defaults.withSegment(new LogConfig.Segments(bytes, Long.MAX_VALUE, 0, 1 << 20, 200));
    }

    static AppendResult append(PartitionLog log, long timestampMs, String... keysAndValues) {
        var builder = new BatchBuilder(0, Codec.NONE, Codec.DEFAULT_LEVEL);
        for (String each : keysAndValues) {
            String[] parts = each.split("=", 2);
            byte[] value = parts.length == 1 ? null : parts[1].getBytes(StandardCharsets.UTF_8);
            builder.add(timestampMs, parts[0].getBytes(StandardCharsets.UTF_8), value);
        }
        return log.append(builder.build(), new AppendRequest(Origin.CLIENT, 0, timestampMs));
    }

    /** Every record as {@code offset:key=value}, from an offset on. */
    static List<String> read(PartitionLog log, long from) {
        var lines = new ArrayList<String>();
        long offset = from;
        while (offset < log.logEndOffset()) {
            LogSlice slice = log.read(offset, log.logEndOffset(), 1 << 20, true);
            ByteBuffer bytes = slice.read();
            slice.release();
            if (!bytes.hasRemaining()) {
                break;
            }
            var view = new RecordBatchView();
            int position = 0;
            while (bytes.limit() - position >= RecordBatchView.HEADER_BYTES) {
                view.wrap(bytes, position);
                addRecords(view, from, lines);
                offset = view.lastOffset() + 1;
                position += view.sizeBytes();
            }
        }
        return lines;
    }

    private static void addRecords(RecordBatchView view, long from, List<String> lines) {
        try (var cursor = new RecordCursor(view)) {
            for (RecordView record = cursor.next(); record != null; record = cursor.next()) {
                if (cursor.offset() >= from) {
                    lines.add(
                            "%d:%s=%s"
                                    .formatted(
                                            cursor.offset(),
                                            text(record.key()),
                                            text(record.value())));
                }
            }
        }
    }

    private static String text(@Nullable ByteBuffer bytes) {
        return bytes == null ? "null" : StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
    }

    @Override
    public void execute(Runnable task) {
        task.run();
    }

    @Override
    public void flushed(long offset) {
        flushed.set(offset);
    }

    @Override
    public void offline(StorageException cause) {
        events.add("offline " + cause.getMessage());
    }

    @Override
    public void tailTruncated(Path segment, long position, long bytesCut) {
        events.add("truncated at %d".formatted(position));
    }

    @Override
    public void quarantined(Path log, Quarantine.Range range) {
        events.add("quarantined %d-%d".formatted(range.firstOffset(), range.endOffset()));
    }

    @Override
    public void noticed(Path path, String what) {
        events.add("noticed " + what);
    }

    @Override
    public void close() {
        flushes.close();
    }
}
