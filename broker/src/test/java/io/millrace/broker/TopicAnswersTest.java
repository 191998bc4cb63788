package io.millrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.BrokerKeys;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsTopic;
import org.apache.kafka.common.message.CreatePartitionsResponseData;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableReplicaAssignment;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicConfig;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicResult;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData.DeleteTopicState;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterableConfig;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.requests.ResponseHeader;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** Answers that Apache Kafka 4.4.0 was seen to give to the same requests. */
@TestInstance(Lifecycle.PER_CLASS)
final class TopicAnswersTest {
    private static final byte TOPIC = 2;
    private static final byte GROUP = 32;
    private static final byte SET = 0;
    private static final byte DELETE = 1;
    private static final byte APPEND = 2;
    private static final byte SUBTRACT = 3;

    private @Nullable Millrace started;

    @BeforeAll
    void start(@TempDir Path folder) {
        started =
                Millrace.start(
                        BrokerConfig.of(
                                Map.of(
                                        BrokerKeys.DATA_DIR,
                                        folder.toString(),
                                        BrokerKeys.PORT,
                                        "0",
                                        "millrace.durability",
                                        "os")));
    }

    @AfterAll
    void stop() {
        broker().close();
    }

    private Millrace broker() {
        return Objects.requireNonNull(started);
    }

    private <T extends ApiMessage> T ask(ApiKeys api, int version, ApiMessage body, Class<T> type)
            throws IOException {
        short v = (short) version;
        var header = new RequestHeader(api, v, "test", 1);
        ByteBuffer head =
                MessageUtil.toByteBufferAccessor(header.data(), header.headerVersion()).buffer();
        ByteBuffer rest = MessageUtil.toByteBufferAccessor(body, v).buffer();
        byte[] frame = new byte[4 + head.remaining() + rest.remaining()];
        ByteBuffer.wrap(frame).putInt(frame.length - 4).put(head).put(rest);
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), broker().port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(frame);
            var in = new DataInputStream(socket.getInputStream());
            byte[] answer = in.readNBytes(in.readInt());
            var buffer = ByteBuffer.wrap(answer);
            assertThat(ResponseHeader.parse(buffer, api.responseHeaderVersion(v)).correlationId())
                    .isEqualTo(1);
            ApiMessage message = api.messageType.newResponse();
            message.read(new ByteBufferAccessor(buffer), v);
            return type.cast(message);
        }
    }

    private static CreatableTopic topic(String name, int partitions, String... configs) {
        var topic =
                new CreatableTopic()
                        .setName(name)
                        .setNumPartitions(partitions)
                        .setReplicationFactor((short) -1);
        for (String config : configs) {
            String[] pair = config.split("=", 2);
            topic.configs().add(new CreatableTopicConfig().setName(pair[0]).setValue(pair[1]));
        }
        return topic;
    }

    private List<Errors> create(CreatableTopic... topics) throws IOException {
        var data = new CreateTopicsRequestData().setTimeoutMs(10_000);
        for (CreatableTopic topic : topics) {
            data.topics().mustAdd(topic);
        }
        var errors = new ArrayList<Errors>();
        for (CreatableTopicResult result :
                ask(ApiKeys.CREATE_TOPICS, 7, data, CreateTopicsResponseData.class).topics()) {
            errors.add(Errors.forCode(result.errorCode()));
        }
        return errors;
    }

    @Test
    void aTopicCannotTakeTheMetadataLogsFolder() throws IOException {
        assertThat(create(topic("__cluster_metadata", 1))).containsExactly(Errors.INVALID_REQUEST);
    }

    @Test
    void aTopicNamedTwiceIsRefusedOnceAndOthersAreMade() throws IOException {
        assertThat(create(topic("dup", 1), topic("dup", 2), topic("single", 1)))
                .containsExactly(Errors.INVALID_REQUEST, Errors.NONE);
    }

    @Test
    void oneRequestCannotMakeMoreThanTenThousandPartitions() throws IOException {
        assertThat(create(topic("big", Integer.MAX_VALUE)))
                .containsExactly(Errors.POLICY_VIOLATION);
        assertThat(create(topic("big1", 6000), topic("big2", 6000)))
                .containsExactly(Errors.POLICY_VIOLATION, Errors.POLICY_VIOLATION);
    }

    @Test
    void manualAssignmentsHaveNoGaps() throws IOException {
        CreatableTopic gap = topic("gap", -1);
        gap.assignments()
                .add(
                        new CreatableReplicaAssignment()
                                .setPartitionIndex(1)
                                .setBrokerIds(List.of(1)));

        assertThat(create(gap)).containsExactly(Errors.INVALID_REPLICA_ASSIGNMENT);
    }

    @Test
    void valuesOutOfRangeOrInConflictAreRefused() throws IOException {
        for (String[] bad :
                new String[][] {
                    {"compression.gzip.level=99"},
                    {"min.cleanable.dirty.ratio=1.5"},
                    {"remote.storage.enable=true"},
                    {"min.compaction.lag.ms=10", "max.compaction.lag.ms=5"},
                }) {
            assertThat(create(topic("config", 1, bad)))
                    .as(bad[0])
                    .containsExactly(Errors.INVALID_CONFIG);
        }
    }

    @Test
    void metadataOfAnEmptyNameIsAnErrorInEveryVersion() throws IOException {
        for (int version = 1; version <= 13; version++) {
            var asked = new MetadataRequestData();
            asked.topics().add(new MetadataRequestTopic().setName(""));
            var topics = ask(ApiKeys.METADATA, version, asked, MetadataResponseData.class).topics();

            assertThat(topics).as("version %d", version).hasSize(1);
            assertThat(topics.find("").errorCode())
                    .isEqualTo(Errors.INVALID_TOPIC_EXCEPTION.code());
        }
    }

    @Test
    void metadataByIdIsRefusedBeforeVersionTwelve() throws IOException {
        var asked = new MetadataRequestData().setAllowAutoTopicCreation(false);
        asked.topics().add(new MetadataRequestTopic().setName(null).setTopicId(Uuid.randomUuid()));
        var topics = ask(ApiKeys.METADATA, 10, asked, MetadataResponseData.class).topics();

        assertThat(topics.find("").errorCode()).isEqualTo(Errors.INVALID_REQUEST.code());
    }

    @Test
    void metadataOfATopicAskedTwiceComesOnce() throws IOException {
        create(topic("twice", 2));
        var asked = new MetadataRequestData().setAllowAutoTopicCreation(false);
        asked.topics().add(new MetadataRequestTopic().setName("twice"));
        asked.topics().add(new MetadataRequestTopic().setName("twice"));

        assertThat(ask(ApiKeys.METADATA, 12, asked, MetadataResponseData.class).topics())
                .hasSize(1);
    }

    private List<Errors> delete(DeleteTopicState... states) throws IOException {
        var data = new DeleteTopicsRequestData().setTimeoutMs(10_000).setTopics(List.of(states));
        var errors = new ArrayList<Errors>();
        ask(ApiKeys.DELETE_TOPICS, 6, data, DeleteTopicsResponseData.class)
                .responses()
                .forEach(result -> errors.add(Errors.forCode(result.errorCode())));
        return errors;
    }

    @Test
    void aTopicToBeDeletedTwiceStays() throws IOException {
        create(topic("kept", 1));

        assertThat(
                        delete(
                                new DeleteTopicState().setName("kept"),
                                new DeleteTopicState().setName("kept")))
                .containsExactly(Errors.INVALID_REQUEST);
        assertThat(delete(new DeleteTopicState().setName(null)))
                .containsExactly(Errors.INVALID_REQUEST);
        assertThat(delete(new DeleteTopicState().setName(null).setTopicId(Uuid.randomUuid())))
                .containsExactly(Errors.UNKNOWN_TOPIC_ID);
        assertThat(delete(new DeleteTopicState().setName("kept"))).containsExactly(Errors.NONE);
        assertThat(delete(new DeleteTopicState().setName("kept")))
                .containsExactly(Errors.UNKNOWN_TOPIC_OR_PARTITION);
    }

    private List<Errors> grow(CreatePartitionsTopic... topics) throws IOException {
        var data = new CreatePartitionsRequestData().setTimeoutMs(10_000);
        for (CreatePartitionsTopic topic : topics) {
            data.topics().mustAdd(topic);
        }
        var errors = new ArrayList<Errors>();
        ask(ApiKeys.CREATE_PARTITIONS, 3, data, CreatePartitionsResponseData.class)
                .results()
                .forEach(result -> errors.add(Errors.forCode(result.errorCode())));
        return errors;
    }

    private static CreatePartitionsTopic total(String name, int count) {
        return new CreatePartitionsTopic().setName(name).setCount(count).setAssignments(null);
    }

    @Test
    void partitionsAreAddedOncePerRequestAndWithinBounds() throws IOException {
        create(topic("grows", 1));

        assertThat(grow(total("grows", 2), total("grows", 3)))
                .containsExactly(Errors.INVALID_REQUEST);
        assertThat(grow(total("grows", 20_000))).containsExactly(Errors.POLICY_VIOLATION);
        assertThat(grow(total("grows", 3).setAssignments(List.of())))
                .containsExactly(Errors.INVALID_REPLICA_ASSIGNMENT);
        assertThat(grow(total("grows", 3))).containsExactly(Errors.NONE);
        assertThat(grow(total("grows", 3))).containsExactly(Errors.INVALID_PARTITIONS);
    }

    private Errors alter(byte type, String name, String key, byte operation, String value)
            throws IOException {
        var resource = new AlterConfigsResource().setResourceType(type).setResourceName(name);
        var change = new AlterableConfig().setName(key).setConfigOperation(operation);
        resource.configs().add(value.isEmpty() ? change.setValue(null) : change.setValue(value));
        var data = new IncrementalAlterConfigsRequestData();
        data.resources().add(resource);
        var response =
                ask(
                        ApiKeys.INCREMENTAL_ALTER_CONFIGS,
                        1,
                        data,
                        IncrementalAlterConfigsResponseData.class);
        return Errors.forCode(response.responses().getFirst().errorCode());
    }

    @Test
    void itemsOfAListAreAddedOnceAndTakenAway() throws IOException {
        create(topic("list", 1, "cleanup.policy=delete"));

        assertThat(alter(TOPIC, "list", "cleanup.policy", APPEND, "compact,compact,delete"))
                .isEqualTo(Errors.NONE);
        assertThat(cleanupPolicy("list")).isEqualTo("delete,compact");
        assertThat(alter(TOPIC, "list", "cleanup.policy", SUBTRACT, "delete,none"))
                .isEqualTo(Errors.NONE);
        assertThat(cleanupPolicy("list")).isEqualTo("compact");
    }

    private @Nullable String cleanupPolicy(String topic) throws IOException {
        var asked = new DescribeConfigsRequestData();
        asked.resources()
                .add(
                        new DescribeConfigsRequestData.DescribeConfigsResource()
                                .setResourceType(TOPIC)
                                .setResourceName(topic)
                                .setConfigurationKeys(List.of("cleanup.policy")));
        return ask(ApiKeys.DESCRIBE_CONFIGS, 4, asked, DescribeConfigsResponseData.class)
                .results()
                .getFirst()
                .configs()
                .getFirst()
                .value();
    }

    @Test
    void changesOfConfigsAreAnsweredAsKafkaDoes() throws IOException {
        create(topic("c", 1));

        assertThat(alter(TOPIC, "c", "retention.ms", SET, "")).isEqualTo(Errors.INVALID_REQUEST);
        assertThat(alter(TOPIC, "c", "cleanup.policy", APPEND, ""))
                .isEqualTo(Errors.INVALID_REQUEST);
        assertThat(alter(TOPIC, "c", "nothing", DELETE, "")).isEqualTo(Errors.NONE);
        assertThat(alter(TOPIC, "c", "nothing", SET, "1")).isEqualTo(Errors.INVALID_CONFIG);
        assertThat(alter(TOPIC, "a/b", "retention.ms", SET, "1"))
                .isEqualTo(Errors.INVALID_TOPIC_EXCEPTION);
        assertThat(alter(GROUP, "", "consumer.session.timeout.ms", SET, "50000"))
                .isEqualTo(Errors.INVALID_REQUEST);
        assertThat(alter(GROUP, "g", "consumer.session.timeout.ms", SET, "1"))
                .isEqualTo(Errors.INVALID_CONFIG);
        assertThat(alter(GROUP, "g", "share.record.lock.duration.ms", SET, "14999"))
                .isEqualTo(Errors.INVALID_CONFIG);
        assertThat(alter(GROUP, "g", "share.record.lock.duration.ms", SET, "15000"))
                .isEqualTo(Errors.NONE);
        assertThat(alter(TOPIC, "c", "max.compaction.lag.ms", SET, "5")).isEqualTo(Errors.NONE);
        assertThat(alter(TOPIC, "c", "min.compaction.lag.ms", SET, "6"))
                .isEqualTo(Errors.INVALID_CONFIG);
    }

    @Test
    void endpointsOfOtherTypesAreUnsupported() throws IOException {
        for (int type : List.of(0, 9)) {
            var asked = new DescribeClusterRequestData().setEndpointType((byte) type);
            var answer = ask(ApiKeys.DESCRIBE_CLUSTER, 1, asked, DescribeClusterResponseData.class);
            assertThat(answer.errorCode()).isEqualTo(Errors.UNSUPPORTED_ENDPOINT_TYPE.code());
        }
    }
}
