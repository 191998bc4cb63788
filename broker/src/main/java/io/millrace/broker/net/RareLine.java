package io.millrace.broker.net;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** Says when a log line that peers can cause as often as they like is due. Thread-safe. */
final class RareLine {
    static final long EVERY_NS = TimeUnit.MINUTES.toNanos(1);

    private final LongSupplier clockNs;
    private final AtomicLong nextNs;
    private final AtomicLong untold = new AtomicLong();

    RareLine(LongSupplier clockNs) {
        this.clockNs = clockNs;
        nextNs = new AtomicLong(clockNs.getAsLong());
    }

    /** Notes one more; how many there were since the last line if one is due, else 0. */
    long note() {
        untold.incrementAndGet();
        long nowNs = clockNs.getAsLong();
        long next = nextNs.get();
        return nowNs - next >= 0 && nextNs.compareAndSet(next, nowNs + EVERY_NS)
                ? untold.getAndSet(0)
                : 0;
    }
}
