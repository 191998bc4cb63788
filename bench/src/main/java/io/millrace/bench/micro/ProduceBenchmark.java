package io.millrace.bench.micro;

import io.netty.buffer.ByteBuf;
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

/** A produce request from its frame to its answer: all of the broker but the socket. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ProduceBenchmark {
    @Param({"1x100", "160x100", "16x1024"})
    private String batch = "";

    private HandlerFixture broker;
    private ByteBuf frame;
    private int batchAt;

    @Setup
    public void open() {
        broker = new HandlerFixture();
        ByteBuffer bytes = Shape.of(batch).batch("none");
        frame = WireFrames.produce(1, bytes);
        batchAt = WireFrames.onlyBatchAt(frame, bytes.remaining());
        produce();
        if (broker.log().logEndOffset() == 0) {
            throw new IllegalStateException("the broker refused the batch");
        }
    }

    @TearDown
    public void close() throws IOException {
        broker.close();
        frame.release();
    }

    @Benchmark
    public int produce() {
        frame.setLong(batchAt, 0);
        int pieces = broker.wire().send(frame);
        broker.appended(frame.readableBytes());
        return pieces;
    }
}
