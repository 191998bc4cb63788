package io.millrace.bench.lab.client;

import io.millrace.bench.history.Operation;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** A row while it runs: what its clients share. Thread-safe. */
public final class Row {
    public static final int PARTITIONS = 3;

    private final Guarantee guarantee;
    private final Journal journal;
    private final String bootstrap;
    private final AtomicLong nextValue = new AtomicLong();
    private final AtomicLong attempts = new AtomicLong();
    private final AtomicInteger crashes = new AtomicInteger();
    private volatile boolean producing = true;
    private volatile boolean consuming = true;

    public Row(Guarantee guarantee, Journal journal, String bootstrap) {
        this.guarantee = guarantee;
        this.journal = journal;
        this.bootstrap = bootstrap;
    }

    public Guarantee guarantee() {
        return guarantee;
    }

    public Journal journal() {
        return journal;
    }

    public String bootstrap() {
        return bootstrap;
    }

    /** Where its producers send to. */
    public String topic() {
        return guarantee.id();
    }

    /** Where what is delivered is read from: the results' topic where there are results. */
    public String lastTopic() {
        return guarantee.consuming().isTransform() ? topic() + "-results" : topic();
    }

    public String group() {
        return guarantee.id() + "-group";
    }

    /** The number of an attempt to store results: what is tried again is another record. */
    long nextAttempt() {
        return attempts.incrementAndGet();
    }

    /** The next record: a number larger than all before. */
    public long nextValue() {
        return nextValue.getAndIncrement();
    }

    public static int partitionOf(long value) {
        return (int) (value % PARTITIONS);
    }

    public boolean isProducing() {
        return producing;
    }

    public boolean isConsuming() {
        return consuming;
    }

    public void stopProducing() {
        producing = false;
    }

    public void stopConsuming() {
        consuming = false;
    }

    /** One of its consumers is to crash at its next occasion. */
    public void crashOne() {
        crashes.incrementAndGet();
    }

    /** Whether the consumer that asks is the one to crash. */
    public boolean takeCrash() {
        return crashes.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
    }

    /** What the row came to so far. */
    public Tally tally() {
        return Tally.of(journal.notes(), guarantee.producing() == Guarantee.Producing.NO_ANSWER);
    }

    /** Writes an operation down that began at {@code beganNs} and ended now. */
    public void operation(
            String process, long beganNs, Operation.Outcome outcome, List<Operation.Step> steps) {
        journal.add(new Operation(process, beganNs, System.nanoTime(), outcome, steps));
    }
}
