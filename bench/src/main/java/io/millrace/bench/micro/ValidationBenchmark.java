package io.millrace.bench.micro;

import io.millrace.storage.LogConfig;
import io.millrace.storage.batch.BatchRules;
import io.millrace.storage.batch.BatchValidator;
import io.millrace.storage.batch.Verdict;
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

/** All that is checked of a producer's batch. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ValidationBenchmark {
    @Param({"160x100", "16x1024"})
    private String batch = "";

    @Param({"none", "gzip", "snappy", "lz4", "zstd"})
    private String codec = "";

    private final BatchValidator validator = new BatchValidator();
    private final BatchRules rules = LogConfig.defaults().rules();
    private ByteBuffer bytes;
    private long nowMs;

    @Setup
    public void makeBatch() {
        bytes = Shape.of(batch).batch(codec);
        nowMs = System.currentTimeMillis();
    }

    @Benchmark
    public Verdict validate() {
        return validator.validate(bytes, rules, nowMs);
    }
}
