package io.millrace.bench.delivery;

import io.millrace.bench.load.Target;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.producer.ProducerRecord;

/** One transactional producer that sends as fast as it can and commits every so often. */
final class TransactionWorkload {
    private static final int RECORD_BYTES = 100;
    private static final int[] INTERVALS_MS = {1, 10, 100};

    private final Turn turn;
    private final double seconds;

    TransactionWorkload(Turn turn, double seconds) {
        this.turn = turn;
        this.seconds = seconds;
    }

    void run() throws IOException, InterruptedException {
        produce(INTERVALS_MS[1], false);
        for (int intervalMs : INTERVALS_MS) {
            produce(intervalMs, true);
        }
    }

    private void produce(int intervalMs, boolean counts) throws IOException, InterruptedException {
        Target target = turn.topic(Turn.PARTITIONS);
        var commitNs = new Histogram(3);
        long records = 0;
        double cpu;
        double elapsedS;
        try (var producer = turn.producer(Map.of("transactional.id", target.topic()))) {
            producer.initTransactions();
            var record = new ProducerRecord<byte[], byte[]>(target.topic(), new byte[RECORD_BYTES]);
            double before = turn.cpuSeconds();
            long startNs = System.nanoTime();
            long endNs = startNs + (long) (seconds * TimeUnit.SECONDS.toNanos(1));
            long nowNs = startNs;
            while (nowNs < endNs) {
                producer.beginTransaction();
                long dueNs = nowNs + TimeUnit.MILLISECONDS.toNanos(intervalMs);
                do {
                    var _ = producer.send(record);
                    records++;
                    nowNs = System.nanoTime();
                } while (nowNs < dueNs);
                producer.commitTransaction();
                long askedNs = nowNs;
                nowNs = System.nanoTime();
                commitNs.recordValue(nowNs - askedNs);
            }
            elapsedS = (nowNs - startNs) / 1e9;
            cpu = turn.cpuSeconds() - before;
        }
        if (counts) {
            String workload = "transactions, a commit every %d ms, 100 B".formatted(intervalMs);
            turn.add(workload, "records", "1/s", records / elapsedS);
            turn.add(workload, "transactions", "1/s", commitNs.getTotalCount() / elapsedS);
            turn.add(workload, "CPU a record", "us", cpu * 1e6 / records);
            turn.add(workload, "CPU a transaction", "us", cpu * 1e6 / commitNs.getTotalCount());
            turn.addLatency(workload, commitNs);
        }
    }
}
