package io.millrace.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.Millrace;
import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.BrokerKeys;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The load generator against a broker in this process. */
@Timeout(60)
class LoadTest {
    private static final long SHORT_NS = TimeUnit.MILLISECONDS.toNanos(300);

    @TempDir Path folder = Path.of("unset");

    private Millrace broker() {
        return Millrace.start(
                BrokerConfig.of(
                        Map.of(
                                BrokerKeys.DATA_DIR,
                                folder.toString(),
                                BrokerKeys.PORT,
                                "0",
                                "millrace.durability",
                                "os")));
    }

    private static Target topic(Millrace broker, int partitions)
            throws IOException, InterruptedException {
        String address = broker.bootstrapServers();
        int colon = address.lastIndexOf(':');
        var at =
                new InetSocketAddress(
                        address.substring(0, colon),
                        Integer.parseInt(address.substring(colon + 1)));
        return Target.create(at, "load", partitions, Follower.TOPIC_CONFIGS);
    }

    @Test
    void whatIsProducedAtFullSpeedIsReadBackWhole() throws IOException, InterruptedException {
        try (var broker = broker()) {
            Target target = topic(broker, 3);

            LoadResult produced = ProduceLoad.full(target, Payload.plain(100, 10), 4).run(SHORT_NS);
            LoadResult read = FetchLoad.readBack(target, produced.records());

            assertThat(produced.records()).isPositive();
            assertThat(read.records()).isEqualTo(produced.records());
            assertThat(produced.latencyNs().getTotalCount()).isEqualTo(produced.records() / 10);
        }
    }

    @Test
    void aRateIsKeptAndEveryRequestIsCounted() throws IOException, InterruptedException {
        try (var broker = broker()) {
            Target target = topic(broker, 3);

            LoadResult produced =
                    ProduceLoad.full(target, Payload.plain(100, 10), 4)
                            .at(5_000)
                            .run(TimeUnit.SECONDS.toNanos(1));

            assertThat(produced.records()).isEqualTo(5_000);
            assertThat(produced.latencyNs().getTotalCount()).isEqualTo(500);
        }
    }

    @Test
    void producersThatWaitForNoAnswerAreServedToTheLast() throws IOException, InterruptedException {
        try (var broker = broker()) {
            Target target = topic(broker, 3);

            LoadResult sent =
                    ProduceLoad.full(target, Payload.plain(100, 10), 4).withAcks(0).run(SHORT_NS);

            assertThat(FetchLoad.readBack(target, sent.records()).records())
                    .isEqualTo(sent.records());
        }
    }

    @Test
    void everyCodecIsTaken() throws IOException, InterruptedException {
        try (var broker = broker()) {
            Target target = topic(broker, 3);
            long records = 0;
            for (String codec : new String[] {"gzip", "snappy", "lz4", "zstd"}) {
                records +=
                        ProduceLoad.full(target, new Payload(1000, 8, codec), 2)
                                .at(800)
                                .run(SHORT_NS)
                                .records();
            }

            assertThat(FetchLoad.readBack(target, records).records()).isEqualTo(records);
        }
    }

    @Test
    void groupsThatFollowSeeEveryBatchAndCommitWhereTheyAre()
            throws IOException, InterruptedException {
        try (var broker = broker()) {
            Target target = topic(broker, 2);
            ProduceLoad load = ProduceLoad.full(target, Payload.plain(100, 4), 2).at(2_000);

            LoadResult followed = Follower.run(load, 3, TimeUnit.MILLISECONDS.toNanos(1500));

            assertThat(followed.records()).isEqualTo(3 * 3_000);
            assertThat(followed.latencyNs().getTotalCount()).isEqualTo(3 * 750);
            assertThat(followed.latencyNs().getMaxValue()).isLessThan(TimeUnit.SECONDS.toNanos(60));
        }
    }

    @Test
    void singleRecordsAreTimedFromEndToEnd() throws IOException, InterruptedException {
        try (var broker = broker()) {
            LoadResult result = EndToEnd.run(topic(broker, 1), 100, 200);

            assertThat(result.latencyNs().getTotalCount()).isEqualTo(180);
            assertThat(result.latencyNs().getMinValue()).isPositive();
        }
    }

    @Test
    void aRunMayBeRepeatedOnItsConnections() throws IOException, InterruptedException {
        try (var broker = broker();
                ProduceRun run =
                        ProduceLoad.full(topic(broker, 3), Payload.plain(100, 1), 20)
                                .at(1_000)
                                .open()) {
            var counts = new HashSet<Long>();
            for (int i = 0; i < 2; i++) {
                counts.add(run.run(SHORT_NS, AnswerListener.NONE).records());
            }

            assertThat(counts).containsExactly(300L);
        }
    }
}
