package io.millrace.bench.cluster;

import io.millrace.bench.report.Mark;
import io.millrace.bench.report.Series;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * Takes a node away under a steady producer, and notes how long a partition took nothing: the
 * longest time between two acknowledgements from the event on until all partitions are led and
 * written without the node. Then the node comes back, and what it led before is given back to it.
 */
final class FailoverWorkload {
    static final String LED_THERE = "unavailable, led there";
    static final String LED_ELSEWHERE = "unavailable, led elsewhere";
    static final String TIMELINE = "Acknowledged requests a second around a kill -9 of a leader";
    private static final String TOPIC = "failover";
    private static final long TIMELINE_BEFORE_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long TIMELINE_AFTER_NS = TimeUnit.SECONDS.toNanos(5);
    private static final long SLOT_NS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long PATIENCE_NS = TimeUnit.MINUTES.toNanos(2);
    private static final int SETTLE_MS = 500;
    private static final int PAUSE_MS = 5;

    private final ClusterTurn turn;
    private final Acknowledgements acknowledged = new Acknowledgements(ClusterTurn.PARTITIONS);
    private int turns;

    FailoverWorkload(ClusterTurn turn) {
        this.turn = turn;
    }

    /** How a node goes. */
    enum Event {
        KILL_LEADER("kill -9 of a leader"),
        KILL_CONTROLLER("kill -9 of the active controller"),
        STOP_LEADER("clean stop of a leader");

        private final String workload;

        Event(String workload) {
            this.workload = workload;
        }

        String workload() {
            return workload;
        }
    }

    /**
     * What came of it.
     *
     * @param times how often each event happened
     * @param failed records that the producer gave up
     */
    record Outcome(int times, long failed) {}

    /** Has each event so often, or until the time is over; once at least. */
    Outcome run(int times, int seconds) throws IOException, InterruptedException {
        turn.admin().createTopic(TOPIC, ClusterTurn.PARTITIONS);
        turn.admin().awaitInSync(TOPIC);
        try (var producer =
                new SteadyProducer(
                        turn.cluster().bootstrapServers(),
                        TOPIC,
                        ClusterTurn.PARTITIONS,
                        acknowledged)) {
            TimeUnit.SECONDS.sleep(2);
            long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
            int done = 0;
            while (done < times && (done == 0 || System.nanoTime() - endNs < 0)) {
                for (Event event : Event.values()) {
                    happens(event);
                }
                done++;
            }
            return new Outcome(done, producer.failed());
        }
    }

    private void happens(Event event) throws IOException, InterruptedException {
        turn.admin().preferLeaders(TOPIC);
        TimeUnit.MILLISECONDS.sleep(SETTLE_MS);
        int controller = turn.admin().controller();
        int victim = event == Event.KILL_CONTROLLER ? controller : other(controller);
        Set<Integer> ledThere = turn.admin().ledBy(victim, TOPIC);
        long eventNs = System.nanoTime();
        acknowledged.forgetBefore(eventNs - TIMELINE_BEFORE_NS);
        if (event == Event.STOP_LEADER) {
            turn.cluster().askToStop(victim);
        } else {
            turn.cluster().kill(victim);
        }
        turn.admin().awaitWithout(victim, TOPIC);
        awaitAcknowledged(System.nanoTime());
        if (event == Event.STOP_LEADER) {
            turn.cluster().awaitEnd(victim);
        }
        TimeUnit.MILLISECONDS.sleep(SETTLE_MS);
        note(event, ledThere, eventNs);
        comesBack(event, victim);
        if (event == Event.KILL_LEADER) {
            timeline(ledThere, eventNs);
        }
    }

    private int other(int controller) {
        return (controller - 1 + 1 + turns++ % (Cluster.NODES - 1)) % Cluster.NODES + 1;
    }

    private void awaitAcknowledged(long sinceNs) throws IOException, InterruptedException {
        while (!acknowledged.isEachSince(sinceNs)) {
            if (System.nanoTime() - sinceNs > PATIENCE_NS) {
                throw new IOException("a partition of " + TOPIC + " takes nothing");
            }
            TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
        }
    }

    private void note(Event event, Set<Integer> ledThere, long eventNs) {
        turn.add(event.workload(), LED_THERE, "ms", worst(eventNs, ledThere));
        List<Integer> elsewhere =
                IntStream.range(0, ClusterTurn.PARTITIONS)
                        .boxed()
                        .filter(one -> !ledThere.contains(one))
                        .toList();
        turn.add(event.workload(), LED_ELSEWHERE, "ms", worst(eventNs, elsewhere));
    }

    private double worst(long eventNs, Iterable<Integer> partitions) {
        double worst = 0;
        for (int partition : partitions) {
            worst = Math.max(worst, acknowledged.longestGapMs(partition, eventNs));
        }
        return worst;
    }

    private void comesBack(Event event, int node) throws IOException, InterruptedException {
        long beganMs = System.currentTimeMillis();
        long beganNs = System.nanoTime();
        turn.cluster().launch(node);
        turn.admin().awaitInSync(TOPIC);
        turn.add(
                event.workload(),
                "in sync again, from its start",
                "s",
                (System.nanoTime() - beganNs) / 1e9);
        turn.admin().awaitQuorum(beganMs);
    }

    private void timeline(Set<Integer> ledThere, long eventNs) {
        long fromNs = eventNs - TIMELINE_BEFORE_NS;
        long toNs = Math.min(eventNs + TIMELINE_AFTER_NS, System.nanoTime());
        turn.results()
                .addLine(
                        new Series(
                                TIMELINE,
                                turn.subject().name(),
                                Series.SECONDS,
                                "1/s",
                                acknowledged.rate(fromNs, toNs, SLOT_NS),
                                List.of(
                                        new Mark(
                                                "killed",
                                                TIMELINE_BEFORE_NS / 1e9,
                                                worst(eventNs, ledThere)))));
    }
}
