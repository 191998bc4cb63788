package io.millrace.bench.lab.client;

import io.millrace.bench.history.Checker;
import io.millrace.bench.lab.client.Journal.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The clients of some rows, from their first record to their last. Driven by one thread. */
public final class Crew {
    /** Who reads every log once more at the end. */
    public static final String LAST_READER = "end";

    private static final long QUIET_MS = 20_000;
    private static final long PATIENCE_MS = 75_000;
    private static final long LAST_MS = 30_000;

    private final List<Row> rows;
    private final long seed;
    private final List<Thread> producers = new ArrayList<>();
    private final List<Thread> consumers = new ArrayList<>();

    /**
     * @param seed decides which transactions are aborted
     */
    public Crew(List<Row> rows, long seed) {
        this.rows = rows;
        this.seed = seed;
    }

    /** Starts every client of every row. */
    public void begin() {
        rows.forEach(row -> row.journal().begin());
        rows.forEach(this::begin);
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
    public void settle() throws InterruptedException {
        rows.forEach(Row::stopProducing);
        long longestMs = rows.stream().mapToLong(Row::patienceMs).max().orElse(0);
        for (Thread producer : producers) {
            producer.join(longestMs + LAST_MS);
        }
        long beganNs = System.nanoTime();
        long leastNs = beganNs + TimeUnit.MILLISECONDS.toNanos(QUIET_MS);
        long untilNs = beganNs + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MS);
        while (System.nanoTime() < untilNs
                && rows.stream().anyMatch(row -> mayDeliver(row, leastNs))) {
            TimeUnit.MILLISECONDS.sleep(500);
        }
        rows.forEach(Row::stopConsuming);
        for (Thread consumer : consumers) {
            consumer.join(LAST_MS);
        }
    }

    /** Whether more may come of what a row owes. Until just now faults may have held it up. */
    private static boolean mayDeliver(Row row, long leastNs) {
        if (row.tally().count(Column.LOST) == 0) {
            return false;
        }
        long lastMs =
                row.journal().notes().stream()
                        .filter(note -> note.kind() == Kind.DELIVERED)
                        .mapToLong(Journal.Note::atMs)
                        .max()
                        .orElse(0);
        return System.nanoTime() < leastNs || row.journal().nowMs() - lastMs <= QUIET_MS;
    }

    /** Reads every log once more and judges what was seen. Blocks. */
    public List<Judged> judge(Consumer<String> progress) {
        var all = new ArrayList<Judged>();
        for (Row row : rows) {
            progress.accept("judging " + row.guarantee().title());
            var last = new Watcher(row, LAST_READER);
            last.readWhole(row.topic());
            if (!row.lastTopic().equals(row.topic())) {
                last.readWhole(row.lastTopic());
            }
            all.add(new Judged(row, row.tally(), Checker.check(row.journal().history())));
        }
        return all;
    }
}
