package io.millrace.bench.compare;

import io.millrace.bench.load.Payload;
import io.millrace.bench.load.ProduceLoad;
import io.millrace.bench.load.Target;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Thousands of partitions with something in each: made, killed, taken up again. */
final class ManyPartitions {
    private static final int PER_TOPIC = 100;

    private ManyPartitions() {}

    static String workload(int partitions) {
        return "%,d partitions".formatted(partitions);
    }

    static void run(Path scripts, Subject subject, Path folder, int partitions, Results results)
            throws IOException, InterruptedException {
        String workload = workload(partitions);
        try (var broker = BrokerProcess.start(scripts, subject, folder)) {
            long begunNs = System.nanoTime();
            List<Target> topics = create(broker, partitions);
            results.add(workload, subject, "created", "s", (System.nanoTime() - begunNs) / 1e9);
            for (Target target : topics) {
                ProduceLoad.full(target, Payload.plain(100, 1), 1)
                        .at(20 * PER_TOPIC)
                        .run(TimeUnit.MILLISECONDS.toNanos(100));
            }
            TimeUnit.SECONDS.sleep(2);
            results.add(workload, subject, "memory", "MB", broker.figures().residentMb());
            broker.kill();
        }
        try (var broker = BrokerProcess.start(scripts, subject, folder)) {
            // It may answer before it leads what it had.
            Target.awaitLed(broker.address(), "many-0", PER_TOPIC);
            Target.awaitLed(broker.address(), "many-" + (partitions / PER_TOPIC - 1), PER_TOPIC);
            results.add(
                    workload, subject, "restart after kill -9", "s", broker.sinceStartMs() / 1e3);
            results.add(
                    workload, subject, "CPU of the restart", "s", broker.figures().cpuSeconds());
        }
    }

    private static List<Target> create(BrokerProcess broker, int partitions)
            throws IOException, InterruptedException {
        var topics = new ArrayList<Target>();
        for (int i = 0; i < partitions / PER_TOPIC; i++) {
            topics.add(Target.create(broker.address(), "many-" + i, PER_TOPIC, Map.of()));
        }
        return topics;
    }
}
