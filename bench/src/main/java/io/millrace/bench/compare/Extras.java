package io.millrace.bench.compare;

import io.millrace.bench.load.FetchLoad;
import io.millrace.bench.load.LoadResult;
import io.millrace.bench.load.Payload;
import io.millrace.bench.load.ProduceLoad;
import io.millrace.bench.load.Target;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** What a full run measures beyond the goals: acks, codecs, fan-out, many connections. */
final class Extras {
    private static final int PARTITIONS = 6;
    private static final int PRODUCERS = 6;
    private static final int READERS = 10;
    private static final int CONNECTIONS = 1_000;
    private static final double MANY_RECORDS_PER_S = 10_000;
    private static final Payload BATCH_1K = Payload.plain(1024, 16);

    private final Plan plan;
    private final Session session;

    Extras(Plan plan, Session session) {
        this.plan = plan;
        this.session = session;
    }

    private long loadNs() {
        return TimeUnit.SECONDS.toNanos(plan.loadS()) / 2;
    }

    void run() throws IOException, InterruptedException {
        for (int acks : List.of(0, 1)) {
            Target target = session.topic(PARTITIONS, Map.of());
            ProduceLoad load = ProduceLoad.full(target, BATCH_1K, PRODUCERS).withAcks(acks);
            session.measure("produce 1 KiB, acks=" + acks, () -> load.run(loadNs()));
        }
        for (String codec : List.of("gzip", "snappy", "lz4", "zstd")) {
            Target target = session.topic(PARTITIONS, Map.of());
            ProduceLoad load = ProduceLoad.full(target, new Payload(1024, 16, codec), PRODUCERS);
            session.measure("produce 1 KiB, " + codec, () -> load.run(loadNs()));
        }
        fanOut();
        manyConnections();
    }

    /** Ten readers of all that is written, as ten groups are. */
    private void fanOut() throws IOException, InterruptedException {
        Target target = session.topic(PARTITIONS, Map.of());
        LoadResult written = ProduceLoad.full(target, BATCH_1K, PRODUCERS).at(50_000).run(loadNs());
        session.measure("fan-out to 10 readers", () -> readTenTimes(target, written.records()));
    }

    private static LoadResult readTenTimes(Target target, long records) {
        long startNs = System.nanoTime();
        var readers = new ArrayList<CompletableFuture<LoadResult>>();
        for (int i = 0; i < READERS; i++) {
            readers.add(CompletableFuture.supplyAsync(() -> read(target, records)));
        }
        List<LoadResult> all = readers.stream().map(CompletableFuture::join).toList();
        return new LoadResult(
                all.stream().mapToLong(LoadResult::records).sum(),
                all.stream().mapToLong(LoadResult::bytes).sum(),
                System.nanoTime() - startNs,
                new Histogram(3));
    }

    private static LoadResult read(Target target, long records) {
        try {
            return FetchLoad.readBack(target, records);
        } catch (IOException e) {
            throw new CompletionException(e);
        }
    }

    private void manyConnections() throws IOException, InterruptedException {
        Target target = session.topic(PARTITIONS, Map.of());
        ProduceLoad load =
                ProduceLoad.full(target, Payload.plain(1024, 1), CONNECTIONS)
                        .at(MANY_RECORDS_PER_S);
        LoadResult result =
                session.measure("1,000 producers, 10,000 records/s", () -> load.run(loadNs()));
        session.results()
                .addLatency(
                        "1,000 producers, 10,000 records/s", session.subject(), result.latencyNs());
        session.add(
                "1,000 producers, 10,000 records/s",
                "memory",
                "MB",
                session.broker().figures().residentMb());
    }
}
