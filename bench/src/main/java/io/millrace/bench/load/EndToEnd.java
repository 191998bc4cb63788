package io.millrace.bench.load;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * One record at a time from a producer through the broker to a consumer that waits for it: the time
 * from when a record is sent to when it has been fetched. The next one is sent a fixed time after,
 * so that records do not meet.
 */
public final class EndToEnd {
    private static final long LONGEST_NS = TimeUnit.SECONDS.toNanos(10);
    private static final long PAUSE_NS = TimeUnit.MICROSECONDS.toNanos(500);

    private EndToEnd() {}

    /**
     * Sends so many records to the only partition of an empty topic and gives the latencies of all
     * but the first tenth. Blocks.
     */
    public static LoadResult run(Target target, int recordBytes, int count) throws IOException {
        var latency = new Histogram(LONGEST_NS, 3);
        long[] sentNs = new long[count];
        long[] seenNs = new long[count];
        var template =
                new ProduceTemplate(
                        target.id(),
                        0,
                        Payload.plain(recordBytes, 1).encode(System.currentTimeMillis()),
                        (short) -1);
        long producerId = target.producerId();
        long startNs = System.nanoTime();
        try (var consumer = new FetchLoad(target);
                var producer = new BrokerConnection(target.broker())) {
            var consumed = CompletableFuture.runAsync(() -> consume(consumer, seenNs));
            for (int i = 0; i < count; i++) {
                sentNs[i] = System.nanoTime();
                producer.send(template.next(i, producerId, i));
                LockSupport.parkNanos(PAUSE_NS);
            }
            consumed.join();
        } catch (CompletionException e) {
            throw new IOException("the consumer failed: " + e.getCause(), e);
        }
        for (int i = count / 10; i < count; i++) {
            latency.recordValue(Math.min(LONGEST_NS, seenNs[i] - sentNs[i]));
        }
        return new LoadResult(
                count, (long) count * recordBytes, System.nanoTime() - startNs, latency);
    }

    private static void consume(FetchLoad consumer, long[] seenNs) {
        try {
            consumer.until(
                    seenNs.length, batch -> seenNs[(int) batch.baseOffset()] = System.nanoTime());
        } catch (IOException e) {
            throw new CompletionException(e);
        }
    }
}
