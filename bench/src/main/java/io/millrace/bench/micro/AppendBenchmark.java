package io.millrace.bench.micro;

import io.millrace.storage.PartitionLog.AppendResult;
import java.io.IOException;
import java.nio.ByteBuffer;
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

/** A batch through {@link io.millrace.storage.PartitionLog} into a file in memory. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class AppendBenchmark {
    @Param({"1x100", "160x100", "16x1024"})
    private String batch = "";

    private ByteBuffer bytes;
    private MemoryLog log;

    @Setup
    public void open() {
        bytes = Shape.of(batch).batch("none");
        log = new MemoryLog();
    }

    @TearDown
    public void close() throws IOException {
        log.close();
    }

    @Benchmark
    public AppendResult append() {
        AppendResult result = log.log().append(bytes);
        log.appended(bytes.remaining());
        return result;
    }
}
