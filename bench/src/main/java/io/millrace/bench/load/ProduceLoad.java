package io.millrace.bench.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.apache.kafka.common.protocol.Errors;

/**
 * Many producers on one thread.
 *
 * <p>With a rate the load is open: requests are due at fixed times whether or not earlier ones are
 * answered, and each one's latency counts from when it was due, so that a stall of the broker is
 * not hidden by a client that waits. Without a rate every producer keeps its window full.
 *
 * @param connections how many producers
 * @param window how many requests each may have under way
 * @param recordsPerSecond all producers together; 0 for as fast as the windows allow
 * @param idempotent whether batches carry a producer id and sequence
 */
public record ProduceLoad(
        Target target,
        Payload payload,
        short acks,
        int connections,
        int window,
        double recordsPerSecond,
        boolean idempotent) {
    private static final long LONGEST_LATENCY_NS = TimeUnit.MINUTES.toNanos(5);
    private static final long NAP_NS = 20_000;
    private static final int REQUEST_BYTES = 256;

    /** Acks of all, windows of five, idempotent, as fast as it goes: what clients do by default. */
    public static ProduceLoad full(Target target, Payload payload, int connections) {
        return new ProduceLoad(target, payload, (short) -1, connections, 5, 0, true);
    }

    public ProduceLoad at(double rate) {
        return new ProduceLoad(target, payload, acks, connections, window, rate, idempotent);
    }

    public ProduceLoad withAcks(int changed) {
        return new ProduceLoad(
                target,
                payload,
                (short) changed,
                connections,
                window,
                recordsPerSecond,
                changed == -1 && idempotent);
    }

    int frameBytes() {
        return REQUEST_BYTES + payload.encode(0).remaining();
    }

    /** Runs for so long, then waits for what is under way. Blocks. */
    public LoadResult run(long durationNs) throws IOException {
        try (Selector selector = Selector.open()) {
            return new Run(selector).run(durationNs);
        }
    }

    private final class Run {
        private final Selector selector;
        private final List<ProducerLink> links = new ArrayList<>();
        private final ProduceTemplate[] templates = new ProduceTemplate[target.partitions()];
        private final Histogram latency = new Histogram(LONGEST_LATENCY_NS, 3);
        private long answeredBatches;
        private long sentBatches;
        private int nextLink;

        Run(Selector selector) throws IOException {
            this.selector = selector;
            ByteBuffer batch = payload.encode(System.currentTimeMillis());
            for (int i = 0; i < templates.length; i++) {
                templates[i] = new ProduceTemplate(target.id(), i, batch, acks);
            }
            for (int i = 0; i < connections; i++) {
                SocketChannel channel = BrokerConnection.open(target.broker());
                channel.configureBlocking(false);
                SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
                long producerId = idempotent ? target.producerId() : -1;
                var link = new ProducerLink(channel, key, producerId, ProduceLoad.this, i);
                key.attach(link);
                links.add(link);
            }
        }

        LoadResult run(long durationNs) throws IOException {
            long startNs = System.nanoTime();
            long endNs = startNs + durationNs;
            double gapNs = recordsPerSecond == 0 ? 0 : 1e9 * payload.records() / recordsPerSecond;
            for (long now = startNs; now < endNs; now = System.nanoTime()) {
                boolean sent = gapNs == 0 ? fill(now) : sendDue(startNs, gapNs, now);
                turn(gapNs == 0 && !sent);
            }
            while (acks != 0 && links.stream().anyMatch(link -> link.inFlight() > 0)) {
                turn(true);
            }
            long elapsedNs = System.nanoTime() - startNs;
            for (ProducerLink link : links) {
                link.close();
            }
            long batches = acks == 0 ? sentBatches : answeredBatches;
            return new LoadResult(
                    batches * payload.records(), batches * payload.bytes(), elapsedNs, latency);
        }

        private boolean mayTake(ProducerLink link) {
            return link.isDrained() && link.inFlight() < window;
        }

        private boolean fill(long nowNs) throws IOException {
            boolean sent = false;
            for (ProducerLink link : links) {
                while (mayTake(link)) {
                    send(link, nowNs);
                    sent = true;
                    if (acks == 0) {
                        break;
                    }
                }
            }
            return sent;
        }

        /** Sends what is due, each to the next producer that can take it. */
        private boolean sendDue(long startNs, double gapNs, long nowNs) throws IOException {
            boolean sent = false;
            int refused = 0;
            long dueNs = startNs + (long) (sentBatches * gapNs);
            while (dueNs <= nowNs && refused < links.size()) {
                ProducerLink link = links.get(nextLink);
                nextLink = (nextLink + 1) % links.size();
                if (mayTake(link)) {
                    send(link, dueNs);
                    dueNs = startNs + (long) (sentBatches * gapNs);
                    sent = true;
                    refused = 0;
                } else {
                    refused++;
                }
            }
            return sent;
        }

        private void send(ProducerLink link, long intendedNs) throws IOException {
            link.send(templates, payload.records(), intendedNs);
            sentBatches++;
        }

        private void turn(boolean mayWait) throws IOException {
            int ready = mayWait ? selector.select(10) : selector.selectNow();
            if (ready == 0) {
                if (!mayWait) {
                    LockSupport.parkNanos(NAP_NS);
                }
                return;
            }
            for (SelectionKey key : selector.selectedKeys()) {
                ProducerLink link = (ProducerLink) key.attachment();
                if (key.isWritable()) {
                    link.writable();
                }
                if (key.isReadable()) {
                    link.readable(this::answered);
                }
            }
            selector.selectedKeys().clear();
        }

        private void answered(long intendedNs, short error) {
            if (error != 0) {
                throw new IllegalStateException("a produce failed: " + Errors.forCode(error));
            }
            answeredBatches++;
            latency.recordValue(Math.min(LONGEST_LATENCY_NS, System.nanoTime() - intendedNs));
        }
    }
}
