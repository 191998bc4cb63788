package io.millrace.bench.io.store;

import io.millrace.bench.io.plan.IoPlan;
import io.millrace.bench.io.plan.Workload;
import io.millrace.storage.Durability;
import io.millrace.storage.LogConfig;
import io.millrace.storage.LogSlice;
import io.millrace.storage.flush.FlushQueue;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads partition logs: finds the batch by its offset, then copies from its file on. */
public final class LogReads implements ReadTarget {
    private final FlushQueue flushes = new FlushQueue(1);
    private final List<BenchLog> logs = new ArrayList<>();
    private final ByteBuffer block;
    private final int recordsPerBlock;

    public LogReads(Path folder, Workload.Reads workload) {
        for (int number = 0; number < workload.files(); number++) {
            logs.add(
                    new BenchLog(
                            folder.resolve("log-" + number),
                            Durability.OS,
                            LogConfig.defaults(),
                            flushes));
        }
        block = ByteBuffer.allocateDirect(workload.blockBytes());
        int batches = Math.max(1, workload.blockBytes() / IoPlan.RECORD_BLOCK);
        recordsPerBlock = batches * recordsOf(BenchBatches.ofSize(IoPlan.RECORD_BLOCK));
    }

    /** Makes logs of about so many bytes each. */
    public static void fill(Path folder, int files, long bytesEach) {
        ByteBuffer batch = BenchBatches.ofSize(IoPlan.RECORD_BLOCK);
        try (var flushes = new FlushQueue(1)) {
            for (int number = 0; number < files; number++) {
                var log =
                        new BenchLog(
                                folder.resolve("log-" + number),
                                Durability.FSYNC,
                                LogConfig.defaults(),
                                flushes);
                for (long done = 0; done < bytesEach; done += IoPlan.RECORD_BLOCK) {
                    log.appendOrFail(batch);
                }
                log.sync();
                log.close();
            }
        }
    }

    private static int recordsOf(ByteBuffer batch) {
        return new io.millrace.storage.batch.RecordBatchView().wrap(batch, 0).recordCount();
    }

    @Override
    public int read(int file, long at) throws IOException {
        var log = logs.get(file).log();
        LogSlice slice = log.read(at * recordsPerBlock, log.logEndOffset(), block.capacity(), true);
        try {
            FileChannel channel = slice.channelOrNull();
            if (channel == null) {
                throw new IOException("nothing at block %d of log %d".formatted(at, file));
            }
            block.clear().limit(Math.min(block.capacity(), slice.sizeBytes()));
            while (block.hasRemaining()) {
                if (channel.read(block, slice.position() + block.position()) < 0) {
                    throw new java.io.EOFException("the log ends before its slice");
                }
            }
            return block.limit();
        } finally {
            slice.release();
        }
    }

    @Override
    public void close() {
        logs.forEach(BenchLog::close);
        flushes.close();
    }
}
