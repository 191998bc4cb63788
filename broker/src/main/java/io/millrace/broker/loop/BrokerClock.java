package io.millrace.broker.loop;

/** The broker's clock. Thread-safe. */
@FunctionalInterface
public interface BrokerClock {
    /** The machine's clock. */
    BrokerClock SYSTEM = System::currentTimeMillis;

    /** Milliseconds since the epoch. */
    long nowMs();
}
