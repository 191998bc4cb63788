package io.millrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.BrokerKeys;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients that ask for much and read nothing of it: what waits to be written stays bounded. */
@Timeout(120)
final class SlowReaderTest {
    private static final int CLIENTS = 16;
    private static final int FETCHES = 1_000;
    private static final short FETCH_VERSION = 4;

    /** What a connection may have waiting: the write marks' 1 MiB and an answer, with room. */
    private static final long MOST_BYTES_A_CLIENT = 2 << 20;

    private static final int SHARERS = 3;
    private static final int BATCHES = 20;
    private static final int BATCH_BYTES = 900_000;
    private static final int RELEASE = 2;

    @TempDir Path folder = Path.of("unset");

    private static long directBytes() {
        return ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT)
                .metric()
                .usedDirectMemory();
    }

    private static FetchRequestData fetch() {
        var partition = new FetchPartition().setPartition(0).setPartitionMaxBytes(60_000);
        var topic = new FetchTopic().setTopic("t").setPartitions(List.of(partition));
        return new FetchRequestData().setMaxWaitMs(0).setMinBytes(1).setTopics(List.of(topic));
    }

    private static void fill(Millrace broker) throws ExecutionException, InterruptedException {
        var bytes = new ByteArraySerializer();
        Map<String, Object> settings = Map.of("bootstrap.servers", broker.bootstrapServers());
        try (var producer = new KafkaProducer<>(settings, bytes, bytes)) {
            producer.send(new ProducerRecord<>("t", 0, null, new byte[50_000])).get();
        }
    }

    @Test
    void fetchesWhoseAnswersNobodyReadsTakeNoMemory()
            throws IOException, ExecutionException, InterruptedException {
        var values = Map.of(BrokerKeys.DATA_DIR, folder.toString(), BrokerKeys.PORT, "0");
        var clients = new ArrayList<RawClient>();
        try (var broker = Millrace.start(BrokerConfig.of(values))) {
            fill(broker);
            long before = directBytes();
            for (int i = 0; i < CLIENTS; i++) {
                var client = new RawClient(broker.port());
                clients.add(client);
                for (int sent = 0; sent < FETCHES; sent++) {
                    client.send(ApiKeys.FETCH, FETCH_VERSION, fetch());
                }
            }
            try (var other = new RawClient(broker.port())) {
                Awaitility.await()
                        .during(Duration.ofSeconds(2))
                        .atMost(Duration.ofSeconds(30))
                        .untilAsserted(() -> {
                            assertThat(directBytes() - before)
                                    .isLessThan(CLIENTS * MOST_BYTES_A_CLIENT);
                            other.ask(
                                    ApiKeys.API_VERSIONS,
                                    (short) 0,
                                    new ApiVersionsRequestData(),
                                    ApiVersionsResponseData.class);
                        });
            }
            for (RawClient client : clients) {
                client.close();
            }
        }
    }

    private static Uuid fillWithBatches(Millrace broker, int count)
            throws ExecutionException, InterruptedException {
        var bytes = new ByteArraySerializer();
        Map<String, Object> settings = Map.of("bootstrap.servers", broker.bootstrapServers());
        try (var producer = new KafkaProducer<>(settings, bytes, bytes);
                var admin = Admin.create(settings)) {
            Uuid id =
                    admin.createTopics(List.of(new NewTopic("t", 1, (short) 1))).topicId("t").get();
            for (int i = 0; i < count; i++) {
                var value = new byte[BATCH_BYTES];
                value[0] = (byte) ('a' + i);
                producer.send(new ProducerRecord<>("t", 0, null, value)).get();
            }
            return id;
        }
    }

    /** Members of a group each, which hold every second record and have the others to come. */
    private static ShareClient withGaps(Millrace broker, Uuid topic, String group)
            throws IOException, ExecutionException, InterruptedException {
        try (var admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            var earliest = new ConfigEntry("share.auto.offset.reset", "earliest");
            admin.incrementalAlterConfigs(
                            Map.of(
                                    new ConfigResource(ConfigResource.Type.GROUP, group),
                                    List.of(new AlterConfigOp(earliest, AlterConfigOp.OpType.SET))))
                    .all()
                    .get();
        }
        var client = new ShareClient(broker.port(), group, topic).join("t");
        client.maxBytes = 2 * BATCHES * BATCH_BYTES;
        var got = new ArrayList<ShareClient.Delivered>();
        while (got.size() < BATCHES) {
            got.addAll(client.fetch());
        }
        for (int offset = 0; offset < BATCHES; offset += 2) {
            assertThat(client.ack(offset, offset, RELEASE)).isZero();
        }
        return client;
    }

    @Test
    void deliveriesThatLieApartTakeNoMemory()
            throws IOException, ExecutionException, InterruptedException {
        var values = Map.of(BrokerKeys.DATA_DIR, folder.toString(), BrokerKeys.PORT, "0");
        try (var broker = Millrace.start(BrokerConfig.of(values))) {
            Uuid topic = fillWithBatches(broker, BATCHES);
            var clients = new ArrayList<ShareClient>();
            for (int i = 0; i < SHARERS; i++) {
                clients.add(withGaps(broker, topic, "g" + i));
            }
            long before = directBytes();
            for (ShareClient client : clients) {
                client.fetchUnread();
            }
            Awaitility.await()
                    .during(Duration.ofSeconds(2))
                    .atMost(Duration.ofSeconds(30))
                    .untilAsserted(() ->
                            assertThat(directBytes() - before)
                                    .isLessThan(SHARERS * MOST_BYTES_A_CLIENT));
            for (ShareClient client : clients) {
                client.close();
            }
            try (ShareClient reader = withGaps(broker, topic, "h")) {
                assertThat(reader.fetch())
                        .hasSize(BATCHES / 2)
                        .allSatisfy(each -> {
                            assertThat(each.value().charAt(0))
                                    .isEqualTo((char) ('a' + each.offset()));
                            assertThat(each.value()).hasSize(BATCH_BYTES);
                            assertThat(each.deliveries()).isEqualTo(2);
                        });
            }
        }
    }
}
