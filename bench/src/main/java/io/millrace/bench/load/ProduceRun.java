package io.millrace.bench.load;

import java.io.IOException;
import java.net.InetSocketAddress;
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

/** A load's producers, connected. One thread runs them; it may do so again and again. */
public final class ProduceRun implements AutoCloseable {
    private static final long LONGEST_LATENCY_NS = TimeUnit.MINUTES.toNanos(5);

    /** How long past its end a load waits for a broker that is behind. */
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(20);

    private static final long NAP_NS = 20_000;
    private static final int SELECT_MS = 10;

    private final ProduceLoad load;
    private final Selector selector;
    private final List<ProducerLink> links = new ArrayList<>();
    private final ProduceTemplate[] templates;
    private Histogram latency = new Histogram(LONGEST_LATENCY_NS, 3);
    private AnswerListener listener = AnswerListener.NONE;
    private long answeredBatches;
    private long sentBatches;
    private int nextLink;

    ProduceRun(ProduceLoad load) throws IOException {
        this.load = load;
        selector = Selector.open();
        templates = new ProduceTemplate[load.target().partitions()];
        ByteBuffer batch = load.payload().encode(System.currentTimeMillis());
        for (int i = 0; i < templates.length; i++) {
            templates[i] = new ProduceTemplate(load.target().id(), i, batch, load.acks());
        }
        for (int i = 0; i < load.connections(); i++) {
            long producerId = load.idempotent() ? load.target().producerId() : -1;
            for (var led : load.target().led().entrySet()) {
                connect(led.getKey(), led.getValue(), producerId, i);
            }
        }
    }

    private void connect(
            InetSocketAddress broker, List<Integer> partitions, long producerId, int first)
            throws IOException {
        SocketChannel channel = BrokerConnection.open(broker);
        channel.configureBlocking(false);
        SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
        var link = new ProducerLink(channel, key, producerId, load, partitions, first);
        key.attach(link);
        links.add(link);
    }

    /** Runs for so long, then waits for what is due or under way. Blocks. */
    public LoadResult run(long durationNs, AnswerListener told) throws IOException {
        latency = new Histogram(LONGEST_LATENCY_NS, 3);
        listener = told;
        answeredBatches = 0;
        sentBatches = 0;
        long startNs = System.nanoTime();
        if (load.recordsPerSecond() == 0) {
            closed(startNs + durationNs);
        } else {
            open(startNs, durationNs);
        }
        long patientUntilNs = System.nanoTime() + PATIENCE_NS;
        while (isAwaiting() && System.nanoTime() - patientUntilNs < 0) {
            turn(true);
        }
        if (isAwaiting()) {
            throw new IOException("the broker left requests unanswered");
        }
        long elapsedNs = System.nanoTime() - startNs;
        long batches = load.acks() == 0 ? sentBatches : answeredBatches;
        return new LoadResult(
                batches * load.payload().records(),
                batches * load.payload().bytes(),
                elapsedNs,
                latency);
    }

    private void closed(long endNs) throws IOException {
        for (long now = System.nanoTime(); now - endNs < 0; now = System.nanoTime()) {
            turn(!fill(now));
        }
        barrier();
    }

    private void open(long startNs, long durationNs) throws IOException {
        double gapNs = 1e9 * load.payload().records() / load.recordsPerSecond();
        var loop = new OpenLoop(startNs, durationNs, gapNs);
        long givenUpNs = startNs + durationNs + PATIENCE_NS;
        while (!loop.isFinished() && System.nanoTime() - givenUpNs < 0) {
            sendDue(loop);
            turn(false);
        }
        // What was never sent has waited this long at least: leaving it out would flatter.
        while (!loop.isFinished()) {
            record(System.nanoTime(), loop.take());
        }
        barrier();
    }

    /** Nothing answers produce requests without acks: what is asked after them is answered. */
    private void barrier() throws IOException {
        if (load.acks() == 0) {
            for (ProducerLink link : links) {
                while (!link.isDrained()) {
                    turn(true);
                }
                link.ask();
            }
        }
    }

    private boolean isAwaiting() {
        return links.stream().anyMatch(link -> link.inFlight() > 0);
    }

    private boolean mayTake(ProducerLink link) {
        return link.isDrained() && link.inFlight() < load.window();
    }

    private boolean fill(long nowNs) throws IOException {
        boolean sent = false;
        for (ProducerLink link : links) {
            while (mayTake(link)) {
                send(link, nowNs);
                sent = true;
                if (load.acks() == 0) {
                    break;
                }
            }
        }
        return sent;
    }

    /** Sends what is due, each to the next producer that can take it. */
    private void sendDue(OpenLoop loop) throws IOException {
        int refused = 0;
        while (refused < links.size() && loop.isDue(System.nanoTime())) {
            ProducerLink link = links.get(nextLink);
            nextLink = (nextLink + 1) % links.size();
            if (mayTake(link)) {
                send(link, loop.take());
                refused = 0;
            } else {
                refused++;
            }
        }
    }

    private void send(ProducerLink link, long intendedNs) throws IOException {
        link.send(templates, intendedNs);
        sentBatches++;
    }

    private void turn(boolean mayWait) throws IOException {
        int ready = mayWait ? selector.select(SELECT_MS) : selector.selectNow();
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
        record(System.nanoTime(), intendedNs);
    }

    private void record(long nowNs, long intendedNs) {
        long latencyNs = Math.clamp(nowNs - intendedNs, 0, LONGEST_LATENCY_NS);
        latency.recordValue(latencyNs);
        listener.answered(nowNs, latencyNs);
    }

    @Override
    public void close() throws IOException {
        for (ProducerLink link : links) {
            link.close();
        }
        selector.close();
    }
}
