package io.millrace.bench.load;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaFuture;

/**
 * Groups of one consumer each that follow a topic while it is written at a fixed rate: they read at
 * the end of its log and commit once a second. Latency is from when a batch was due to be sent to
 * when it was read.
 */
public final class Follower {
    /** Configuration that a topic of this load needs: its records' times are not of today. */
    public static final Map<String, String> TOPIC_CONFIGS = Map.of("retention.ms", "-1");

    private static final long LONGEST_NS = TimeUnit.MINUTES.toNanos(5);
    private static final long COMMIT_EVERY_NS = TimeUnit.SECONDS.toNanos(1);

    private final Target target;
    private final String group;
    private final AtomicLong wanted;
    private final Histogram latency = new Histogram(LONGEST_NS, 3);
    private KafkaFuture<Void> commit = KafkaFuture.completedFuture(null);
    private long committedNs = System.nanoTime();

    private Follower(Target target, String group, AtomicLong wanted) {
        this.target = target;
        this.group = group;
        this.wanted = wanted;
    }

    /**
     * Writes for so long while so many groups follow. Blocks.
     *
     * @param load with a rate
     * @return what the groups read, all together, and with what latency
     */
    public static LoadResult run(ProduceLoad load, int groups, long durationNs) throws IOException {
        var wanted = new AtomicLong(Long.MAX_VALUE);
        List<Follower> followers =
                IntStream.range(0, groups)
                        .mapToObj(i -> new Follower(load.target(), "follower-" + i, wanted))
                        .toList();
        List<CompletableFuture<Long>> reading =
                followers.stream()
                        .map(one -> CompletableFuture.supplyAsync(one::follow, Follower::start))
                        .toList();
        LoadResult written = load.stampedWithDueTime().run(durationNs);
        wanted.set(written.records());
        long bytes = reading.stream().mapToLong(CompletableFuture::join).sum();
        var all = new Histogram(LONGEST_NS, 3);
        followers.forEach(one -> all.add(one.latency));
        return new LoadResult(written.records() * groups, bytes, written.elapsedNs(), all);
    }

    private static void start(Runnable task) {
        Thread.ofPlatform().daemon().name("follower").start(task);
    }

    /** Reads until all that was written has been read, and gives how many bytes that was. */
    private long follow() {
        try (var consumer = new FetchLoad(target);
                Admin admin = target.admin()) {
            while (consumer.records() < wanted.get()) {
                consumer.poll(batch ->
                        latency.recordValue(
                                Math.clamp(Stamps.ageNs(batch.maxTimestamp()), 0, LONGEST_NS)));
                commit(admin, consumer);
            }
            commit.get();
            return consumer.bytes();
        } catch (IOException | ExecutionException e) {
            throw new CompletionException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CompletionException(e);
        }
    }

    /** Commits now and then, without waiting for it, as clients do. */
    private void commit(Admin admin, FetchLoad consumer)
            throws ExecutionException, InterruptedException {
        long nowNs = System.nanoTime();
        if (nowNs - committedNs >= COMMIT_EVERY_NS) {
            committedNs = nowNs;
            commit.get();
            commit = admin.alterConsumerGroupOffsets(group, consumer.positions()).all();
        }
    }
}
