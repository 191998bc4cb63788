package io.millrace.bench.cluster;

import io.millrace.bench.load.Payload;
import io.millrace.bench.load.ProduceLoad;
import io.millrace.bench.load.Target;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A node is stopped, much is written, and it comes back: how fast does it copy what it missed? */
final class CatchUpWorkload {
    static final String CATCH_UP = "catch-up of a node that returns";
    static final String RATE = "copied";
    static final String ONE_STREAM = "one TCP stream from file to synced file";
    private static final String TOPIC = "catch-up";
    private static final int PRODUCERS = 6;
    private static final int PAUSE_MS = 25;
    private static final long PATIENCE_NS = TimeUnit.MINUTES.toNanos(5);
    private static final long STREAM_MB_AT_MOST = 1_000;

    private final ClusterTurn turn;
    private final ClusterPlan plan;

    CatchUpWorkload(ClusterTurn turn, ClusterPlan plan) {
        this.turn = turn;
        this.plan = plan;
    }

    void run() throws IOException, InterruptedException {
        turn.admin().createTopic(TOPIC, ClusterTurn.PARTITIONS);
        turn.admin().awaitInSync(TOPIC);
        int node = turn.admin().controller() % Cluster.NODES + 1;
        turn.cluster().askToStop(node);
        turn.cluster().awaitEnd(node);
        turn.admin().awaitWithout(node, TOPIC);
        long bytes = write(turn.admin().target(TOPIC));
        sync();
        double stream =
                StreamCopy.megabytesPerSecond(
                        turn.cluster().folder(node),
                        Math.min(plan.catchUpMb(), STREAM_MB_AT_MOST) * 1_000_000L);
        turn.add(CATCH_UP, ONE_STREAM, "MB/s", stream);
        follow(node, bytes);
        turn.admin().deleteTopic(TOPIC);
    }

    private long write(Target target) throws IOException {
        long bytes = 0;
        ProduceLoad load = ProduceLoad.full(target, Payload.plain(1024, 16), PRODUCERS);
        while (bytes < plan.catchUpMb() * 1_000_000L) {
            bytes += load.run(TimeUnit.SECONDS.toNanos(1)).bytes();
        }
        return bytes;
    }

    /** Has what the leaders wrote on the disk: it is not what is measured. */
    private static void sync() throws IOException, InterruptedException {
        new ProcessBuilder("sync").inheritIO().start().waitFor();
    }

    private void follow(int node, long bytes) throws IOException, InterruptedException {
        Path folder = turn.cluster().folder(node);
        long had = bytesOf(folder);
        long startNs = System.nanoTime();
        turn.cluster().launch(node);
        long beganNs = startNs;
        while (bytesOf(folder) <= had) {
            beganNs = System.nanoTime();
            pause(startNs);
        }
        while (!turn.admin().isInSync(TOPIC)) {
            pause(startNs);
        }
        long doneNs = System.nanoTime();
        turn.add(CATCH_UP, RATE, "MB/s", bytes / 1e6 / ((doneNs - beganNs) / 1e9));
        turn.add(CATCH_UP, "in sync, from its start", "s", (doneNs - startNs) / 1e9);
        turn.add(CATCH_UP, "missed", "MB", bytes / 1e6);
    }

    private static void pause(long sinceNs) throws IOException, InterruptedException {
        if (System.nanoTime() - sinceNs > PATIENCE_NS) {
            throw new IOException("the node does not catch up");
        }
        TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
    }

    /** What the node has of the topic; its files may come and go meanwhile. */
    private static long bytesOf(Path folder) throws IOException {
        try (var all = Files.walk(folder)) {
            return all.filter(file -> file.toString().endsWith(".log"))
                    .filter(file -> file.toString().contains("/" + TOPIC + "-"))
                    .mapToLong(CatchUpWorkload::size)
                    .sum();
        } catch (UncheckedIOException e) {
            if (e.getCause() instanceof NoSuchFileException) {
                return 0;
            }
            throw e.getCause();
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
