package io.millrace.bench.micro;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The checksum of a batch alone: what validation cannot cost less than. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ChecksumBenchmark {
    @Param({"160x100", "16x1024"})
    private String batch = "";

    private final CRC32C crc = new CRC32C();
    private ByteBuffer bytes;

    @Setup
    public void makeBatch() {
        bytes = Shape.of(batch).batch("none");
    }

    @Benchmark
    public long checksum() {
        crc.reset();
        bytes.rewind();
        crc.update(bytes);
        return crc.getValue();
    }
}
