package io.millrace.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.BrokerKeys;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData.AddPartitionsToTxnTopic;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData.AddPartitionsToTxnTopicCollection;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData.AddPartitionsToTxnTransaction;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData.AddPartitionsToTxnTransactionCollection;
import org.apache.kafka.common.message.AddPartitionsToTxnResponseData;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceDataCollection;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.requests.FindCoordinatorRequest.CoordinatorType;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests that today's Java client does not send: of old versions, and between brokers. */
final class OldAndBatchedRequestsTest {
    private static final String TOPIC = "numbers";
    private static final short BEFORE_ZSTD = 6;
    private static final short WITH_ZSTD = 7;
    private static final short BATCHED = 5;

    @TempDir Path folder = Path.of("unset");

    private Millrace broker() {
        return Millrace.start(
                BrokerConfig.of(
                        Map.of(
                                BrokerKeys.DATA_DIR,
                                folder.toString(),
                                BrokerKeys.PORT,
                                "0",
                                "transaction.state.log.num.partitions",
                                "3")));
    }

    /** To librdkafka a broker without it knows no gzip, snappy or lz4 (KAFKA-18659). */
    @Test
    void tellsOfProduceFromVersionZero() throws Exception {
        try (var broker = broker();
                var client = new RawClient(broker.port())) {
            var told =
                    client.ask(
                            ApiKeys.API_VERSIONS,
                            new ApiVersionsRequestData()
                                    .setClientSoftwareName("test")
                                    .setClientSoftwareVersion("1"),
                            ApiVersionsResponseData.class);

            assertThat(told.apiKeys().find(ApiKeys.PRODUCE.id).minVersion()).isZero();
        }
    }

    private static void createTopic(RawClient client) throws IOException {
        client.ask(
                ApiKeys.METADATA,
                new MetadataRequestData()
                        .setTopics(List.of(new MetadataRequestTopic().setName(TOPIC)))
                        .setAllowAutoTopicCreation(true),
                MetadataResponseData.class);
    }

    private static Errors produce(RawClient client, short version, Compression codec)
            throws IOException {
        var records = MemoryRecords.withRecords(codec, new SimpleRecord("one".getBytes(UTF_8)));
        var topics = new TopicProduceDataCollection();
        topics.add(
                new TopicProduceData()
                        .setName(TOPIC)
                        .setPartitionData(
                                List.of(
                                        new PartitionProduceData()
                                                .setIndex(0)
                                                .setRecords(records))));
        var answer =
                client.ask(
                        ApiKeys.PRODUCE,
                        version,
                        new ProduceRequestData()
                                .setAcks((short) 1)
                                .setTimeoutMs(10_000)
                                .setTopicData(topics),
                        ProduceResponseData.class);
        return Errors.forCode(
                answer.responses().iterator().next().partitionResponses().getFirst().errorCode());
    }

    @Test
    void aProducerTooOldToReadZstdMayNotWriteIt() throws IOException {
        try (var broker = broker();
                var client = new RawClient(broker.port())) {
            createTopic(client);

            assertThat(produce(client, BEFORE_ZSTD, Compression.zstd().build()))
                    .isEqualTo(Errors.UNSUPPORTED_COMPRESSION_TYPE);
            assertThat(produce(client, BEFORE_ZSTD, Compression.lz4().build()))
                    .isEqualTo(Errors.NONE);
            assertThat(produce(client, WITH_ZSTD, Compression.zstd().build()))
                    .isEqualTo(Errors.NONE);
        }
    }

    @Test
    void transactionsThatABrokerAsksForTogetherAreAnsweredEachByItself() throws IOException {
        try (var broker = broker();
                var client = new RawClient(broker.port())) {
            createTopic(client);
            InitProducerIdResponseData known = begin(client, "known");
            var both = new AddPartitionsToTxnTransactionCollection();
            both.add(transaction("known", known.producerId(), known.producerEpoch()));
            both.add(transaction("unknown", 4711, (short) 0));

            var answer =
                    client.ask(
                            ApiKeys.ADD_PARTITIONS_TO_TXN,
                            BATCHED,
                            new AddPartitionsToTxnRequestData().setTransactions(both),
                            AddPartitionsToTxnResponseData.class);

            assertThat(errorOf(answer, "known")).isEqualTo(Errors.NONE);
            assertThat(errorOf(answer, "unknown")).isEqualTo(Errors.INVALID_PRODUCER_ID_MAPPING);
        }
    }

    private static InitProducerIdResponseData begin(RawClient client, String id)
            throws IOException {
        client.ask(
                ApiKeys.FIND_COORDINATOR,
                new FindCoordinatorRequestData()
                        .setKeyType(CoordinatorType.TRANSACTION.id())
                        .setCoordinatorKeys(List.of(id)),
                FindCoordinatorResponseData.class);
        return Awaitility.await()
                .until(
                        () ->
                                client.ask(
                                        ApiKeys.INIT_PRODUCER_ID,
                                        new InitProducerIdRequestData()
                                                .setTransactionalId(id)
                                                .setTransactionTimeoutMs(60_000),
                                        InitProducerIdResponseData.class),
                        begun -> begun.errorCode() == Errors.NONE.code());
    }

    private static AddPartitionsToTxnTransaction transaction(
            String id, long producer, short epoch) {
        var topics = new AddPartitionsToTxnTopicCollection();
        topics.add(new AddPartitionsToTxnTopic().setName(TOPIC).setPartitions(List.of(0)));
        return new AddPartitionsToTxnTransaction()
                .setTransactionalId(id)
                .setProducerId(producer)
                .setProducerEpoch(epoch)
                .setTopics(topics);
    }

    private static Errors errorOf(AddPartitionsToTxnResponseData answer, String id) {
        var topics = answer.resultsByTransaction().find(id).topicResults();
        return Errors.forCode(
                topics.find(TOPIC).resultsByPartition().iterator().next().partitionErrorCode());
    }
}
