package io.millrace.bench.micro;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
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

/** A fetch from its frame to its answer, whose records stay in the file: all but the socket. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class FetchBenchmark {
    private static final int FILL_BYTES = 96 << 20;
    private static final int WITH_RECORDS = 2;

    @Param({"1x100", "16x1024"})
    private String batch = "";

    private HandlerFixture broker;
    private ByteBuf tail;
    private ByteBuf middle;

    @Setup
    public void open() {
        broker = new HandlerFixture();
        broker.fill(Shape.of(batch).batch("none"), FILL_BYTES);
        long endOffset = broker.log().logEndOffset();
        tail = WireFrames.fetch(1, endOffset - 1);
        middle = WireFrames.fetch(1, endOffset / 2);
        if (fetchTail() < WITH_RECORDS || fetchMiddle() < WITH_RECORDS) {
            throw new IllegalStateException("the broker answered without records");
        }
    }

    @TearDown
    public void close() throws IOException {
        broker.close();
        tail.release();
        middle.release();
    }

    /** The newest batch: what a consumer that keeps up is sent. */
    @Benchmark
    public int fetchTail() {
        return broker.wire().send(tail);
    }

    /** A megabyte from the middle of the log: what a consumer that catches up is sent. */
    @Benchmark
    public int fetchMiddle() {
        return broker.wire().send(middle);
    }
}
