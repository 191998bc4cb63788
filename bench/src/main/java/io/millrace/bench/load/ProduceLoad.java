package io.millrace.bench.load;

import java.io.IOException;

/**
 * Many producers on one thread.
 *
 * <p>With a rate the load is open: requests are due at fixed times whether or not earlier ones are
 * answered, and each one's latency counts from when it was due, so that a stall of the broker is
 * not hidden by a client that waits. Without a rate every producer keeps its window full.
 *
 * @param acks 0, 1 or -1 for all
 * @param connections how many producers, with a connection to every broker that leads
 * @param window how many requests each may have under way at a broker
 * @param recordsPerSecond all producers together; 0 for as fast as the windows allow
 * @param idempotent whether batches carry a producer id and sequence
 * @param stamped whether the records' time is {@link Stamps the time at which they were due}
 */
public record ProduceLoad(
        Target target,
        Payload payload,
        short acks,
        int connections,
        int window,
        double recordsPerSecond,
        boolean idempotent,
        boolean stamped) {
    private static final int REQUEST_BYTES = 256;

    /** Acks of all, windows of five, idempotent, as fast as it goes: what clients do by default. */
    public static ProduceLoad full(Target target, Payload payload, int connections) {
        return new ProduceLoad(target, payload, (short) -1, connections, 5, 0, true, false);
    }

    public ProduceLoad at(double rate) {
        return new ProduceLoad(
                target, payload, acks, connections, window, rate, idempotent, stamped);
    }

    public ProduceLoad withWindow(int requests) {
        return new ProduceLoad(
                target,
                payload,
                acks,
                connections,
                requests,
                recordsPerSecond,
                idempotent,
                stamped);
    }

    /** Less than all acks also gives up idempotence, as in Kafka's own producer. */
    public ProduceLoad withAcks(int changed) {
        return new ProduceLoad(
                target,
                payload,
                (short) changed,
                connections,
                window,
                recordsPerSecond,
                changed == -1 && idempotent,
                stamped);
    }

    /** With the time at which each request was due in its records. */
    public ProduceLoad stampedWithDueTime() {
        return new ProduceLoad(
                target, payload, acks, connections, window, recordsPerSecond, idempotent, true);
    }

    int frameBytes() {
        return REQUEST_BYTES + payload.encode(0).remaining();
    }

    /** Connects all producers. Blocks. */
    public ProduceRun open() throws IOException {
        return new ProduceRun(this);
    }

    /** Connects, runs for so long, then waits for what is under way. Blocks. */
    public LoadResult run(long durationNs) throws IOException {
        try (ProduceRun run = open()) {
            return run.run(durationNs, AnswerListener.NONE);
        }
    }
}
