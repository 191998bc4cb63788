package io.millrace.bench.micro;

import io.millrace.storage.producer.Decision;
import io.millrace.storage.producer.ProducerBatch;
import io.millrace.storage.producer.ProducerStates;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Telling a new batch from a repeated one, and remembering it. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class DedupBenchmark {
    private static final int RECORDS = 16;

    @Param({"1", "1000"})
    private int producers;

    private ProducerStates states = new ProducerStates();
    private int[] sequences = {};
    private int next;
    private long offset;

    @Setup
    public void makeProducers() {
        states = new ProducerStates();
        sequences = new int[producers];
    }

    /** The next batch of a producer: looked up before the write, remembered after it. */
    @Benchmark
    public Decision dedup() {
        int producer = next;
        next = producer + 1 == producers ? 0 : producer + 1;
        int sequence = sequences[producer];
        sequences[producer] = sequence + RECORDS & Integer.MAX_VALUE;
        var batch =
                new ProducerBatch(
                        producer,
                        (short) 0,
                        sequence,
                        sequence + RECORDS - 1,
                        offset,
                        offset + RECORDS - 1,
                        0,
                        false);
        offset += RECORDS;
        Decision decision = states.check(batch, null);
        states.applied(batch);
        return decision;
    }
}
