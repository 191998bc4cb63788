package io.millrace.bench.torture;

import io.millrace.bench.lab.client.Crew;
import io.millrace.bench.lab.client.Guarantee;
import io.millrace.bench.lab.client.Journal;
import io.millrace.bench.lab.client.Judged;
import io.millrace.bench.lab.client.Row;
import io.millrace.bench.lab.client.RowTopics;
import io.millrace.bench.torture.node.Cluster;
import io.millrace.bench.torture.node.SegmentFiles;
import io.millrace.bench.torture.node.Sync;
import io.millrace.bench.torture.plan.NodeFault;
import io.millrace.bench.torture.plan.Strike;
import io.millrace.bench.torture.plan.TorturePlan;
import io.millrace.bench.torture.verdict.Complaints;
import io.millrace.bench.torture.verdict.Complaints.Complaint;
import io.millrace.bench.torture.verdict.ReplicaComparison;
import io.millrace.bench.torture.verdict.StoredBatch;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.apache.kafka.common.KafkaException;

/** One run: a cluster from its start to its last byte. One thread; blocks. */
final class Ordeal {
    private static final long IN_SYNC_WITHIN_MS = 120_000;
    private static final int DIFFERENCES_TOLD = 10;

    private final Cluster.Setup setup;
    private final Set<NodeFault> faults;
    private final long seed;
    private final Consumer<String> progress;
    private final List<Struck> struck = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();

    Ordeal(Cluster.Setup setup, Set<NodeFault> faults, long seed, Consumer<String> progress) {
        this.setup = setup;
        this.faults = faults;
        this.seed = seed;
        this.progress = progress;
    }

    /**
     * Runs it.
     *
     * @param guarantees what runs on it
     * @param lengthMs how long faults go on
     */
    Verdict run(List<Guarantee> guarantees, long lengthMs)
            throws IOException, InterruptedException {
        try (Cluster cluster = Cluster.start(setup);
                Sync sync = new Sync(cluster.bootstrap(), setup.nodes())) {
            var leaving = new Thread(() -> leave(cluster), "leave");
            Runtime.getRuntime().addShutdownHook(leaving);
            List<Row> rows = Load.rows(cluster.bootstrap(), guarantees);
            RowTopics.make(cluster.bootstrap(), rows, Load.wishes());
            requireSync(sync, "at the beginning");
            var crew = new Crew(rows, seed);
            crew.begin();
            strike(cluster, sync, rows, lengthMs);
            progress.accept("no more faults; waiting for all to be in sync");
            heal(cluster, sync);
            progress.accept("waiting for what is owed");
            crew.settle();
            List<Judged> judged = judge(crew);
            Map<String, List<Integer>> replicas = replicas(sync);
            requireSync(sync, "at the end");
            problems.addAll(cluster.stopAll());
            compare(replicas, rows);
            Runtime.getRuntime().removeShutdownHook(leaving);
            return new Verdict(judged, struck, problems, complaints(cluster));
        }
    }

    /** Takes everything away if the run is broken off. */
    private void leave(Cluster cluster) {
        cluster.close();
        setup.with().volumes().close();
        // The last: without it, the clients' connections would go to whoever has such an address.
        setup.ground().close();
    }

    private void requireSync(Sync sync, String when) throws InterruptedException {
        sync.await(IN_SYNC_WITHIN_MS)
                .ifPresent(missing -> problems.add("not in sync " + when + ": " + missing));
    }

    private List<Judged> judge(Crew crew) {
        try {
            return crew.judge(progress);
        } catch (KafkaException e) {
            problems.add("the logs cannot be read to their ends: " + e.getMessage());
            return List.of();
        }
    }

    private Map<String, List<Integer>> replicas(Sync sync) throws InterruptedException {
        try {
            return sync.replicas();
        } catch (ExecutionException e) {
            problems.add("no node says who has which replica: " + e.getMessage());
            return Map.of();
        }
    }

    private void strike(Cluster cluster, Sync sync, List<Row> rows, long lengthMs)
            throws InterruptedException {
        var plan = new TorturePlan(faults, setup.nodes(), seed);
        var striker = new Striker(cluster, sync, flippable(rows));
        Journal clock = rows.getFirst().journal();
        try {
            for (Strike next = plan.next(); clock.nowMs() < lengthMs; next = plan.next()) {
                Cluster.pause(next.afterMs());
                problems.addAll(cluster.revive());
                if (next.waitsForSync()) {
                    String missing = sync.await(IN_SYNC_WITHIN_MS).orElse("");
                    if (!missing.isEmpty()) {
                        problems.add("not in sync before %s: %s".formatted(next, missing));
                        return;
                    }
                }
                strike(striker, next, rows);
            }
        } catch (IOException e) {
            problems.add("the faults came to an end: " + e.getMessage());
        } finally {
            problems.addAll(striker.problems());
        }
    }

    private void strike(Striker striker, Strike next, List<Row> rows)
            throws IOException, InterruptedException {
        Journal clock = rows.getFirst().journal();
        long beganMs = clock.nowMs();
        progress.accept(
                "node %d: %s%s; in flight %s"
                        .formatted(
                                next.node(),
                                next,
                                next.forMs() > 0 ? " for " + next.forMs() + " ms" : "",
                                inFlight(rows)));
        if (next.crashesClients()) {
            rows.forEach(Row::crashOne);
        }
        String note = striker.strike(next);
        if (!note.isEmpty()) {
            progress.accept("  " + note);
        }
        struck.add(new Struck(next, beganMs, clock.nowMs(), note));
    }

    private static String inFlight(List<Row> rows) {
        var text = new ArrayList<String>();
        rows.forEach(row -> text.add(row.topic() + " " + row.journal().inFlight()));
        return String.join(", ", text);
    }

    private static List<String> flippable(List<Row> rows) {
        var partitions = new ArrayList<String>();
        for (Row row : rows) {
            for (int index = 0; index < Row.PARTITIONS; index++) {
                partitions.add(row.topic() + "-" + index);
                if (!row.lastTopic().equals(row.topic())) {
                    partitions.add(row.lastTopic() + "-" + index);
                }
            }
        }
        return partitions;
    }

    /** Whatever was under way when the faults came to an end. */
    private void heal(Cluster cluster, Sync sync) throws InterruptedException {
        try {
            for (int node = 1; node <= setup.nodes(); node++) {
                cluster.thaw(node);
                cluster.ground().heal(node);
                cluster.volumes().free(node);
                cluster.clocks().move(node, 0);
            }
            problems.addAll(cluster.revive());
        } catch (IOException e) {
            problems.add("the cluster does not heal: " + e.getMessage());
        }
        requireSync(sync, "after all faults");
    }

    /** Whether the replicas of every partition hold the same bytes. */
    private void compare(Map<String, List<Integer>> replicas, List<Row> rows) throws IOException {
        progress.accept("comparing the replicas of %d partitions".formatted(replicas.size()));
        Set<String> still = Set.copyOf(flippable(rows));
        int told = 0;
        for (Map.Entry<String, List<Integer>> partition : replicas.entrySet()) {
            var logs = new TreeMap<Integer, List<StoredBatch>>();
            for (int node : partition.getValue()) {
                logs.put(
                        node,
                        SegmentFiles.of(
                                        setup.with()
                                                .volumes()
                                                .data(node)
                                                .resolve(partition.getKey()))
                                .stream()
                                .map(SegmentFiles.Located::batch)
                                .toList());
            }
            String difference =
                    ReplicaComparison.difference(logs, still.contains(partition.getKey()))
                            .orElse("");
            if (!difference.isEmpty() && told++ < DIFFERENCES_TOLD) {
                problems.add("replicas of %s: %s".formatted(partition.getKey(), difference));
            }
        }
    }

    private Map<Integer, List<Complaint>> complaints(Cluster cluster) throws IOException {
        var complaints = new TreeMap<Integer, List<Complaint>>();
        for (int node = 1; node <= setup.nodes(); node++) {
            complaints.put(node, Complaints.of(cluster.said(node)));
        }
        return complaints;
    }
}
