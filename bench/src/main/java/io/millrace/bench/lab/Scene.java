package io.millrace.bench.lab;

import io.millrace.bench.history.Anomaly;
import io.millrace.bench.history.Checker;
import io.millrace.bench.lab.client.Column;
import io.millrace.bench.lab.client.Guarantee;
import io.millrace.bench.lab.client.Journal;
import io.millrace.bench.lab.client.Journal.Kind;
import io.millrace.bench.lab.client.Member;
import io.millrace.bench.lab.client.QueueMember;
import io.millrace.bench.lab.client.Row;
import io.millrace.bench.lab.client.Sender;
import io.millrace.bench.lab.client.Tally;
import io.millrace.bench.lab.client.TransactionalSender;
import io.millrace.bench.lab.client.Transformer;
import io.millrace.bench.lab.client.Watcher;
import io.millrace.bench.lab.fault.FaultPlan.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** All rows of all worlds, from their first record to their last. Driven by one thread. */
final class Scene {
    private static final long QUIET_MS = 20_000;
    private static final long PATIENCE_MS = 75_000;
    private static final long LAST_MS = 30_000;

    private final List<World> worlds;
    private final long seed;
    private final Consumer<String> progress;
    private final List<Thread> producers = new ArrayList<>();
    private final List<Thread> consumers = new ArrayList<>();

    /** What one row came to. */
    record Result(Row row, Tally tally, List<Anomaly> anomalies, List<Event> faults) {
        /** The anomalies that its promise excludes. */
        List<Anomaly> forbidden() {
            return row.guarantee().forbids(anomalies);
        }

        boolean holds() {
            return tally.broken(row.guarantee()).isEmpty() && forbidden().isEmpty();
        }
    }

    Scene(List<World> worlds, long seed, Consumer<String> progress) {
        this.worlds = worlds;
        this.seed = seed;
        this.progress = progress;
    }

    void begin() {
        worlds.forEach(world -> world.rows().forEach(row -> row.journal().begin()));
        for (World world : worlds) {
            for (Row row : world.rows()) {
                begin(row);
            }
        }
    }

    private void begin(Row row) {
        Guarantee guarantee = row.guarantee();
        producers.add(
                start(
                        row,
                        "producer",
                        guarantee.producing() == Guarantee.Producing.TRANSACTIONAL
                                ? new TransactionalSender(
                                        row, new Random(seed + guarantee.id().hashCode()))
                                : new Sender(row)));
        for (String name : List.of("consumer 1", "consumer 2")) {
            consumers.add(start(row, name, consumer(row, name)));
        }
        if (guarantee.consuming().isTransform()) {
            consumers.add(start(row, "results", new Watcher(row, "results")));
        }
    }

    private static Runnable consumer(Row row, String name) {
        return switch (row.guarantee().consuming()) {
            case COMMIT_FIRST, COMMIT_AFTER, COMMIT_AFTER_BY_EPOCH, COMMIT_AFTER_UNCOMMITTED ->
                    new Member(row, name);
            case QUEUE_ACCEPT_FIRST, QUEUE_ACCEPT_AFTER -> new QueueMember(row, name);
            case TRANSFORM, TRANSFORM_BY_EPOCH -> new Transformer(row, name);
        };
    }

    private static Thread start(Row row, String name, Runnable client) {
        return Thread.ofPlatform().daemon().name(row.guarantee().id() + " " + name).start(client);
    }

    /** Waits until the rows have delivered what they owe, or nothing more comes. */
    void settle() throws InterruptedException {
        worlds.forEach(world -> world.rows().forEach(Row::stopProducing));
        for (Thread producer : producers) {
            producer.join(LAST_MS);
        }
        long untilNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MS);
        while (System.nanoTime() < untilNs && !isQuiet()) {
            TimeUnit.MILLISECONDS.sleep(500);
        }
        worlds.forEach(world -> world.rows().forEach(Row::stopConsuming));
        for (Thread consumer : consumers) {
            consumer.join(LAST_MS);
        }
    }

    private boolean isQuiet() {
        return worlds.stream().flatMap(world -> world.rows().stream()).allMatch(Scene::isQuiet);
    }

    private static boolean isQuiet(Row row) {
        Tally tally = row.tally();
        if (tally.count(Column.LOST) == 0) {
            return true;
        }
        long lastMs =
                row.journal().notes().stream()
                        .filter(note -> note.kind() == Kind.DELIVERED)
                        .mapToLong(Journal.Note::atMs)
                        .max()
                        .orElse(0);
        return row.journal().nowMs() - lastMs > QUIET_MS;
    }

    /** Reads every log once more and judges what was seen. Blocks. */
    List<Result> judge() {
        var results = new ArrayList<Result>();
        for (World world : worlds) {
            for (Row row : world.rows()) {
                progress.accept("judging " + row.guarantee().title());
                var last = new Watcher(row, Reasons.LAST_READER);
                last.readWhole(row.topic());
                if (!row.lastTopic().equals(row.topic())) {
                    last.readWhole(row.lastTopic());
                }
                results.add(
                        new Result(
                                row,
                                row.tally(),
                                Checker.check(row.journal().history()),
                                world.happened()));
            }
        }
        return results;
    }
}
