package io.millrace.bench.micro;

import io.millrace.storage.PartitionLog;
import io.millrace.storage.batch.TimestampedOffset;
import java.io.IOException;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Finding what a fetch wants: near the end of the log, somewhere in it, and by time. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ReadBenchmark {
    private static final int FILL_BYTES = 96 << 20;
    private static final int MAX_BYTES = 1 << 20;

    @Param({"1x100", "16x1024"})
    private String batch = "";

    private final SplittableRandom random = new SplittableRandom(42);
    private MemoryLog memory;
    private PartitionLog log;
    private long endOffset;
    private long timestampMs;

    @Setup
    public void fill() {
        memory = new MemoryLog();
        memory.fill(Shape.of(batch).batch("none"), FILL_BYTES);
        log = memory.log().log();
        endOffset = log.logEndOffset();
        timestampMs = log.offsetOfMaxTimestamp(endOffset).orElseThrow().timestampMs();
    }

    @TearDown
    public void close() throws IOException {
        memory.close();
    }

    /** The newest batch: what a consumer that keeps up reads. */
    @Benchmark
    public int readTail() {
        return read(endOffset - 1);
    }

    /** Any offset: the index, then batch headers up to the one that holds it. */
    @Benchmark
    public int readAnywhere() {
        return read(random.nextLong(endOffset));
    }

    /** The first record of a time. */
    @Benchmark
    public Optional<TimestampedOffset> findByTime() {
        return log.offsetForTimestamp(timestampMs, endOffset);
    }

    private int read(long offset) {
        var slice = log.read(offset, endOffset, MAX_BYTES, true);
        int bytes = slice.sizeBytes();
        slice.release();
        return bytes;
    }
}
