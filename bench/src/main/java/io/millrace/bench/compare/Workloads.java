package io.millrace.bench.compare;

import io.millrace.bench.load.EndToEnd;
import io.millrace.bench.load.FetchLoad;
import io.millrace.bench.load.LoadResult;
import io.millrace.bench.load.Payload;
import io.millrace.bench.load.ProduceLoad;
import io.millrace.bench.load.Target;
import java.io.IOException;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;

/** What is done to a subject in each round, and under which names it is reported. */
final class Workloads {
    static final String START = "start";
    static final String PRODUCE_1K = "produce 1 KiB, batched";
    static final String PRODUCE_1K_SINGLE = "produce 1 KiB, one a request";
    static final String PRODUCE_100_BATCHED = "produce 100 B, batched";
    static final String PRODUCE_100_SINGLE = "produce 100 B, one a request";
    static final String HALF_PEAK = "produce 1 KiB at half of Kafka's peak";
    static final String CATCH_UP = "catch up, warm cache";
    static final String CATCH_UP_COLD = "catch up, cold cache";
    static final String END_TO_END = "end to end 100 B, acks=all";
    static final String SPREAD = "produce 1 KiB at 10 MB/s, partitions: %,d";
    static final String SPREAD_PEAK = "produce 1 KiB at full speed, partitions: %,d";

    static final int PARTITIONS = 6;
    static final int PRODUCERS = 6;
    static final Payload BATCH_1K = Payload.plain(1024, 16);
    static final Payload SINGLE_1K = Payload.plain(1024, 1);
    static final Payload BATCH_100 = Payload.plain(100, 160);
    static final Payload SINGLE_100 = Payload.plain(100, 1);

    /** Four records a batch: many partitions leave producers little to batch. */
    private static final Payload SPREAD_1K = Payload.plain(1024, 4);

    private static final double SPREAD_RECORDS_PER_S = 10_000;
    private static final int READS = 3;

    private final Plan plan;
    private final Session session;

    Workloads(Plan plan, Session session) {
        this.plan = plan;
        this.session = session;
    }

    /** What the process costs before anybody uses it. */
    void start() throws IOException, InterruptedException {
        session.add(START, "first answer", "ms", session.broker().startedMs());
        TimeUnit.SECONDS.sleep(3);
        session.add(START, "idle memory", "MB", session.broker().figures().residentMb());
    }

    /** Has the broker's code compiled and its buffers grown. */
    void warmUp() throws IOException, InterruptedException {
        Target target = session.topic(PARTITIONS);
        long quarterNs = plan.warmUpNs() / 4;
        ProduceLoad.full(target, BATCH_1K, PRODUCERS).run(quarterNs);
        LoadResult small = ProduceLoad.full(target, BATCH_100, PRODUCERS).run(quarterNs);
        ProduceLoad.full(target, SINGLE_100, PRODUCERS).run(2 * quarterNs);
        FetchLoad.readBack(target, small.records());
    }

    /** What the goals are about. */
    void run() throws IOException, InterruptedException {
        produceAndCatchUp();
        produceAtHalfPeak();
        endToEnd();
        produceSmall();
        if (!session.subject().isFsync()) {
            spread();
        }
    }

    /** As fast as it goes, then read back: from memory, and after the cache was emptied. */
    private void produceAndCatchUp() throws IOException, InterruptedException {
        Target target = session.topic(PARTITIONS);
        ProduceLoad load = ProduceLoad.full(target, BATCH_1K, PRODUCERS);
        LoadResult produced = session.measure(PRODUCE_1K, () -> load.run(plan.loadNs()));
        session.measureReads(CATCH_UP, () -> readAll(target, produced.records()));
        if (PageCache.drop(session.broker().folder(), target.topic())) {
            double before = session.broker().figures().readMb();
            LoadResult read =
                    session.measureReads(
                            CATCH_UP_COLD, () -> FetchLoad.readBack(target, produced.records()));
            double megabytes = session.broker().figures().readMb() - before;
            session.add(CATCH_UP_COLD, "from disk", "MB/MB", megabytes / (read.bytes() / 1e6));
        }
    }

    private static LoadResult readAll(Target target, long records) throws IOException {
        long startNs = System.nanoTime();
        long bytes = 0;
        LoadResult once = FetchLoad.readBack(target, records);
        for (int i = 1; i < READS; i++) {
            bytes += once.bytes();
            once = FetchLoad.readBack(target, records);
        }
        return new LoadResult(
                records * READS,
                bytes + once.bytes(),
                System.nanoTime() - startNs,
                once.latencyNs());
    }

    private void produceSmall() throws IOException, InterruptedException {
        measureFull(PRODUCE_100_SINGLE, SINGLE_100, plan.loadNs());
        measureFull(PRODUCE_1K_SINGLE, SINGLE_1K, plan.sideNs());
        measureFull(PRODUCE_100_BATCHED, BATCH_100, plan.sideNs());
    }

    private void measureFull(String workload, Payload payload, long durationNs)
            throws IOException, InterruptedException {
        Target target = session.topic(PARTITIONS);
        ProduceLoad load = ProduceLoad.full(target, payload, PRODUCERS);
        session.measure(workload, () -> load.run(durationNs));
    }

    /** The same rate for both: half of what the rival's peak was in this round. */
    private void produceAtHalfPeak() throws IOException, InterruptedException {
        OptionalDouble peak = halfOfPeak();
        if (peak.isPresent()) {
            Target target = session.topic(PARTITIONS);
            ProduceLoad load = ProduceLoad.full(target, BATCH_1K, PRODUCERS).at(peak.getAsDouble());
            load.run(plan.loadNs() / 4);
            LoadResult result = session.measure(HALF_PEAK, () -> load.run(plan.loadNs()));
            session.addLatency(HALF_PEAK, result);
        }
    }

    /** Records a second; empty if the rival was not measured. */
    OptionalDouble halfOfPeak() {
        Subject rival = session.subject().isFsync() ? Subject.KAFKA_FSYNC : Subject.KAFKA;
        OptionalDouble peak = session.results().last(PRODUCE_1K, rival, "records");
        return peak.isPresent() ? OptionalDouble.of(peak.getAsDouble() / 2) : peak;
    }

    private void endToEnd() throws IOException, InterruptedException {
        Target target = session.topic(1);
        LoadResult result =
                session.measure(END_TO_END, () -> EndToEnd.run(target, 100, plan.endToEnd()));
        session.addLatency(END_TO_END, result);
    }

    /** The same load over more and more partitions, then as fast as it goes. */
    void spread() throws IOException, InterruptedException {
        for (int partitions : plan.partitions()) {
            Target target = session.topic(partitions);
            ProduceLoad load = ProduceLoad.full(target, SPREAD_1K, PRODUCERS);
            if (!session.subject().isFsync()) {
                ProduceLoad equal = load.at(SPREAD_RECORDS_PER_S);
                equal.run(plan.sideNs() / 2);
                session.measure(SPREAD.formatted(partitions), () -> equal.run(plan.loadNs()));
            }
            session.measure(
                    SPREAD_PEAK.formatted(partitions),
                    () -> load.withWindow(10).run(plan.sideNs()));
        }
    }
}
