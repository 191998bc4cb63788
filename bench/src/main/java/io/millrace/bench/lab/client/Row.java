package io.millrace.bench.lab.client;

import io.millrace.bench.history.Operation;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** A row while it runs: what its clients share. Thread-safe. */
public final class Row {
    public static final int PARTITIONS = 3;

    private static final int PATIENCE_MS = 20_000;

    private final Guarantee guarantee;
    private final Journal journal;
    private final String bootstrap;
    private final AtomicLong nextValue = new AtomicLong();
    private final AtomicLong attempts = new AtomicLong();
    private final AtomicInteger crashes = new AtomicInteger();
    private final int patienceMs;
    private volatile boolean producing = true;
    private volatile boolean consuming = true;

    /** A row whose producers give a record up when it is not stored in twenty seconds. */
    public Row(Guarantee guarantee, Journal journal, String bootstrap) {
        this(guarantee, journal, bootstrap, PATIENCE_MS);
    }

    /**
     * @param patienceMs for which producers without transactions try to have a record stored. Where
     *     that is over while others are under way, Kafka's idempotent producer begins a new epoch,
     *     sends those again in it, and may so repeat them (KIP-360): it has to outlast the faults.
     */
    public Row(Guarantee guarantee, Journal journal, String bootstrap, int patienceMs) {
        this.guarantee = guarantee;
        this.journal = journal;
        this.bootstrap = bootstrap;
        this.patienceMs = patienceMs;
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

    int patienceMs() {
        return patienceMs;
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
