package io.millrace.bench.compare;

import io.millrace.bench.load.AnswerListener;
import io.millrace.bench.load.Follower;
import io.millrace.bench.load.LoadResult;
import io.millrace.bench.load.Payload;
import io.millrace.bench.load.ProduceLoad;
import io.millrace.bench.load.ProduceRun;
import io.millrace.bench.load.Target;
import io.millrace.bench.report.Series;
import java.io.IOException;
import java.util.List;
import java.util.OptionalDouble;

/** What is measured once a run: acks, codecs, consumers that follow, many connections, time. */
final class Extras {
    static final String FOLLOW = "follow 10,000 records/s, 1 group";
    static final String FAN_OUT = "follow 10,000 records/s, 10 groups";
    static final String CONNECTIONS = "1,000 producers, 10,000 records/s together";
    private static final int MANY = 1_000;
    private static final int GROUPS = 10;
    private static final double RECORDS_PER_S = 10_000;

    private final Plan plan;
    private final Session session;

    Extras(Plan plan, Session session) {
        this.plan = plan;
        this.session = session;
    }

    void run() throws IOException, InterruptedException {
        for (int acks : List.of(0, 1)) {
            Target target = session.topic(Workloads.PARTITIONS);
            ProduceLoad load =
                    ProduceLoad.full(target, Workloads.BATCH_1K, Workloads.PRODUCERS)
                            .withAcks(acks);
            session.measure("produce 1 KiB, acks=" + acks, () -> load.run(plan.sideNs()));
        }
        for (String codec : List.of("gzip", "snappy", "lz4", "zstd")) {
            Target target = session.topic(Workloads.PARTITIONS);
            var payload = new Payload(1024, 16, codec);
            ProduceLoad load = ProduceLoad.full(target, payload, Workloads.PRODUCERS);
            session.measure("produce 1 KiB, " + codec, () -> load.run(plan.sideNs()));
        }
        follow(FOLLOW, 1);
        follow(FAN_OUT, GROUPS);
        manyConnections();
    }

    private void follow(String workload, int groups) throws IOException, InterruptedException {
        Target target = session.topic(Workloads.PARTITIONS, Follower.TOPIC_CONFIGS);
        ProduceLoad load =
                ProduceLoad.full(target, Payload.plain(1024, 4), Workloads.PRODUCERS)
                        .at(RECORDS_PER_S);
        LoadResult result =
                session.measure(workload, () -> Follower.run(load, groups, plan.sideNs()));
        session.addLatency(workload, result);
    }

    /** One record a request from each of many producers; connecting them is not measured. */
    private void manyConnections() throws IOException, InterruptedException {
        Target target = session.topic(Workloads.PARTITIONS);
        ProduceLoad load = ProduceLoad.full(target, Workloads.SINGLE_1K, MANY).at(RECORDS_PER_S);
        try (ProduceRun run = load.open()) {
            run.run(plan.sideNs() / 2, AnswerListener.NONE);
            LoadResult result =
                    session.measure(CONNECTIONS, () -> run.run(plan.sideNs(), AnswerListener.NONE));
            session.addLatency(CONNECTIONS, result);
            session.add(CONNECTIONS, "memory", "MB", session.broker().figures().residentMb());
        }
    }

    /** Latency over time at half of the rival's peak, with the broker's pauses and syncs. */
    void timeline(OptionalDouble rate) throws IOException, InterruptedException {
        if (rate.isEmpty()) {
            return;
        }
        Target target = session.topic(Workloads.PARTITIONS);
        ProduceLoad load =
                ProduceLoad.full(target, Workloads.BATCH_1K, Workloads.PRODUCERS)
                        .at(rate.getAsDouble());
        try (ProduceRun run = load.open();
                var flight = FlightRecording.start(session.broker().pid())) {
            long beganMs = System.currentTimeMillis();
            var line = new TimelineRecorder(System.nanoTime());
            run.run(plan.loadNs(), line);
            session.results()
                    .addLine(
                            new Series(
                                    TimelineRecorder.CHART,
                                    session.subject().name(),
                                    Series.SECONDS,
                                    "ms",
                                    line.points(),
                                    flight.marks(beganMs, plan.loadNs() / 1e9)));
        }
    }
}
