package io.millrace.bench.cluster;

import io.millrace.bench.compare.Results;
import io.millrace.bench.compare.Subject;
import io.millrace.bench.load.LoadResult;
import io.millrace.bench.load.Payload;
import io.millrace.bench.load.ProduceLoad;
import io.millrace.bench.load.Target;
import java.io.IOException;
import java.util.OptionalDouble;

/** Produces with acks=all to topics of three replicas. */
final class ProduceWorkload {
    static final String PRODUCE_1K = "produce 1 KiB, batched, three replicas";
    static final String PRODUCE_100 = "produce 100 B, batched, three replicas";
    static final String AT_RATE = "produce 1 KiB at half of Kafka's peak, three replicas";
    private static final Payload BATCH_1K = Payload.plain(1024, 16);
    private static final Payload BATCH_100 = Payload.plain(100, 160);
    private static final int PRODUCERS = 6;

    private final ClusterTurn turn;
    private final ClusterPlan plan;
    private int topics;

    ProduceWorkload(ClusterTurn turn, ClusterPlan plan) {
        this.turn = turn;
        this.plan = plan;
    }

    /** A load on a topic. */
    @FunctionalInterface
    private interface Load {
        void on(Target target) throws IOException;
    }

    void run() throws IOException, InterruptedException {
        onTopic(target -> {
            ProduceLoad.full(target, BATCH_1K, PRODUCERS).run(plan.warmUpNs() / 2);
            ProduceLoad.full(target, BATCH_100, PRODUCERS).run(plan.warmUpNs() / 2);
        });
        onTopic(target -> measure(PRODUCE_1K, ProduceLoad.full(target, BATCH_1K, PRODUCERS)));
        OptionalDouble rate = halfOfPeak(turn.results(), turn.subject());
        if (rate.isPresent()) {
            onTopic(target -> {
                ProduceLoad load =
                        ProduceLoad.full(target, BATCH_1K, PRODUCERS).at(rate.getAsDouble());
                load.run(plan.loadNs() / 4);
                LoadResult result = measure(AT_RATE, load);
                turn.results().addLatency(AT_RATE, turn.subject(), result.latencyNs());
            });
        }
        onTopic(target -> measure(PRODUCE_100, ProduceLoad.full(target, BATCH_100, PRODUCERS)));
    }

    /** Records a second, the same for both; empty if the rival was not measured. */
    private static OptionalDouble halfOfPeak(Results results, Subject subject) {
        Subject rival = subject.isFsync() ? Subject.KAFKA_FSYNC : Subject.KAFKA;
        OptionalDouble peak = results.last(PRODUCE_1K, rival, "records");
        return peak.isPresent() ? OptionalDouble.of(peak.getAsDouble() / 2) : peak;
    }

    private void onTopic(Load load) throws IOException, InterruptedException {
        String topic = "produce-" + topics++;
        turn.admin().createTopic(topic, ClusterTurn.PARTITIONS);
        turn.admin().awaitInSync(topic);
        load.on(turn.admin().target(topic));
        turn.admin().deleteTopic(topic);
    }

    private LoadResult measure(String workload, ProduceLoad load) throws IOException {
        double before = turn.cluster().cpuSeconds();
        LoadResult result = load.run(plan.loadNs());
        double cpu = turn.cluster().cpuSeconds() - before;
        turn.add(workload, "throughput", "MB/s", result.megabytesPerSecond());
        turn.add(workload, "records", "1/s", result.recordsPerSecond());
        turn.add(workload, "CPU of all", "ms/MB", cpu * 1e3 / (result.bytes() / 1e6));
        return result;
    }
}
