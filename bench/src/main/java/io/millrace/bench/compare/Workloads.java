package io.millrace.bench.compare;

import io.millrace.bench.load.EndToEnd;
import io.millrace.bench.load.FetchLoad;
import io.millrace.bench.load.LoadResult;
import io.millrace.bench.load.Payload;
import io.millrace.bench.load.ProduceLoad;
import io.millrace.bench.load.Target;
import io.millrace.bench.report.Series;
import java.io.IOException;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;

/** What is done to a subject, and under which names it is reported. */
final class Workloads {
    static final String START = "start";
    static final String PRODUCE_1K = "produce 1 KiB";
    static final String PRODUCE_100_BATCHED = "produce 100 B, batched";
    static final String PRODUCE_100_SINGLE = "produce 100 B, one a request";
    static final String HALF_PEAK = "produce 1 KiB at half of Kafka's peak";
    static final String CATCH_UP = "catch up, warm cache";
    static final String CATCH_UP_COLD = "catch up, cold cache";
    static final String END_TO_END = "end to end 100 B";
    static final String SPREAD = "produce 1 KiB at 10 MB/s over %d partitions";

    private static final int PARTITIONS = 6;
    private static final int PRODUCERS = 6;
    private static final int READS = 3;
    private static final Payload BATCH_1K = Payload.plain(1024, 16);
    private static final Payload BATCH_100 = Payload.plain(100, 160);
    private static final Payload SINGLE_100 = Payload.plain(100, 1);

    /** Four records a batch: many partitions leave producers little to batch. */
    private static final Payload SPREAD_1K = Payload.plain(1024, 4);

    private static final double SPREAD_RECORDS_PER_S = 10_000;

    private final Plan plan;
    private final Session session;

    Workloads(Plan plan, Session session) {
        this.plan = plan;
        this.session = session;
    }

    private long loadNs() {
        return TimeUnit.SECONDS.toNanos(plan.loadS());
    }

    /** What the process costs before anybody uses it. */
    void start() throws IOException, InterruptedException {
        session.add(START, "first answer", "ms", session.broker().startedMs());
        TimeUnit.SECONDS.sleep(4);
        session.add(START, "idle memory", "MB", session.broker().figures().residentMb());
    }

    /** Has the broker's code compiled and its buffers grown. */
    void warmUp() throws IOException, InterruptedException {
        Target target = session.topic(PARTITIONS, Map.of());
        long quarterNs = TimeUnit.SECONDS.toNanos(plan.warmUpS()) / 4;
        ProduceLoad.full(target, BATCH_1K, PRODUCERS).run(2 * quarterNs);
        LoadResult small = ProduceLoad.full(target, BATCH_100, PRODUCERS).run(quarterNs);
        ProduceLoad.full(target, SINGLE_100, PRODUCERS).run(quarterNs);
        FetchLoad.readBack(target, small.records());
    }

    /** As fast as it goes, then read back. */
    void produceAndCatchUp() throws IOException, InterruptedException {
        Target target = session.topic(PARTITIONS, Map.of());
        LoadResult produced = session.measure(PRODUCE_1K, () -> full(target, BATCH_1K));
        session.measure(CATCH_UP, () -> readAll(target, produced.records()));
    }

    private LoadResult full(Target target, Payload payload) throws IOException {
        return ProduceLoad.full(target, payload, PRODUCERS).run(loadNs());
    }

    private static LoadResult readAll(Target target, long records) throws IOException {
        long startNs = System.nanoTime();
        long read = 0;
        long bytes = 0;
        LoadResult once = FetchLoad.readBack(target, records);
        for (int i = 0; i < READS; i++) {
            once = FetchLoad.readBack(target, records);
            read += once.records();
            bytes += once.bytes();
        }
        return new LoadResult(read, bytes, System.nanoTime() - startNs, once.latencyNs());
    }

    void produceSmall() throws IOException, InterruptedException {
        Target batched = session.topic(PARTITIONS, Map.of());
        session.measure(PRODUCE_100_BATCHED, () -> full(batched, BATCH_100));
        Target single = session.topic(PARTITIONS, Map.of());
        session.measure(PRODUCE_100_SINGLE, () -> full(single, SINGLE_100));
    }

    /** The same rate for both: half of what the rival's peak was in this round. */
    void produceAtHalfPeak(Subject rival) throws IOException, InterruptedException {
        OptionalDouble peak = session.results().last(PRODUCE_1K, rival, "records");
        if (peak.isPresent()) {
            Target target = session.topic(PARTITIONS, Map.of());
            ProduceLoad load =
                    ProduceLoad.full(target, BATCH_1K, PRODUCERS).at(peak.getAsDouble() / 2);
            load.run(TimeUnit.SECONDS.toNanos(1));
            LoadResult result = session.measure(HALF_PEAK, () -> load.run(loadNs()));
            session.results().addLatency(HALF_PEAK, session.subject(), result.latencyNs());
        }
    }

    void endToEnd() throws IOException, InterruptedException {
        Target target = session.topic(1, Map.of());
        LoadResult result =
                session.measure(END_TO_END, () -> EndToEnd.run(target, 100, plan.endToEnd()));
        session.results().addLatency(END_TO_END, session.subject(), result.latencyNs());
    }

    /** The same load over more and more partitions. */
    void spread() throws IOException, InterruptedException {
        for (int partitions : plan.partitions()) {
            Target target = session.topic(partitions, Map.of());
            ProduceLoad load =
                    ProduceLoad.full(target, SPREAD_1K, PRODUCERS).at(SPREAD_RECORDS_PER_S);
            load.run(TimeUnit.SECONDS.toNanos(2));
            String workload = SPREAD.formatted(partitions);
            session.measure(workload, () -> load.run(loadNs()));
            session.results()
                    .addPoint(
                            "CPU a record against partitions",
                            session.subject(),
                            "partitions",
                            "us",
                            new Series.Point(
                                    partitions,
                                    session.results()
                                            .last(workload, session.subject(), "CPU a record")
                                            .orElseThrow()));
        }
    }
}
