package io.millrace.broker.handler.topic;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatObject;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.handler.HandlerTable;
import io.millrace.broker.wire.Client;
import io.millrace.broker.wire.Request;
import io.millrace.broker.wire.Uuids;
import io.millrace.cluster.MetadataService;
import io.millrace.cluster.controller.Command;
import io.millrace.cluster.metadata.NodeImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableReplicaAssignment;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData.DeleteTopicState;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.CreateTopicsRequest;
import org.apache.kafka.common.requests.DeleteTopicsRequest;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.utils.internals.ImplicitLinkedHashCollection;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

/** Requests of thousands of topics cost what their topics do. */
final class LongAnswersTest {
    private final MetadataService metadata = AtOnceQuorum.alone();
    private final Topics topics = new Topics(metadata, BrokerConfig.of(Map.of()));

    LongAnswersTest() {
        metadata.start();
        submit(new Command.RegisterNode(new NodeImage(1, "node-1", 9092, "")));
    }

    private void submit(Command command) {
        assertThat(metadata.submit(List.of(command)).join().decisions())
                .hasOnlyElementsOfType(io.millrace.cluster.controller.Decision.Accepted.class);
    }

    private static <T extends ApiMessage> T ask(
            ApiHandler handler, AbstractRequest body, Class<T> type) {
        var header = new RequestHeader(handler.api(), body.version(), "test", 1);
        var answered = new ArrayList<Request>();
        new HandlerTable(List.of(handler))
                .dispatch(
                        new Request(
                                header, body, new Client("/", "test", 1), answered::add, 0, null));
        return type.cast(requireNonNull(answered.getFirst().response()).data());
    }

    /** They lie all over a table that was made for as many. */
    private static void assertSpread(ImplicitLinkedHashCollection<?> elements, int count) {
        assertThat(elements).hasSize(count);
        assertThatObject(elements)
                .extracting("elements", as(InstanceOfAssertFactories.ARRAY))
                .hasSize(2 * (count + 1) + 1);
        assertThat(elements.stream().map(Object::hashCode).distinct().count())
                .isGreaterThan(count - count / 100);
    }

    @Test
    void topicsThatNobodyKnowsByTheirIdsDoNotHashAlikeInAnAnswer() {
        var data = new MetadataRequestData();
        for (int i = 0; i < 2000; i++) {
            data.topics()
                    .add(new MetadataRequestTopic().setName(null).setTopicId(new Uuid(i + 1L, 0)));
        }

        var answer =
                ask(
                        new MetadataHandler(topics, 1),
                        new MetadataRequest(data, (short) 12),
                        MetadataResponseData.class);

        assertThat(answer.topics())
                .allSatisfy(topic ->
                        assertThat(topic.errorCode()).isEqualTo(Errors.UNKNOWN_TOPIC_ID.code()));
        assertSpread(answer.topics(), 2000);
    }

    @Test
    void oneTopicUnderManyNamesIsAnsweredOnce() {
        var id = new UUID(1, 2);
        submit(new Command.CreateTopic(id, "t", -1, -1, List.of(List.of(1)), Map.of()));
        var data = new MetadataRequestData();
        for (int i = 0; i < 1000; i++) {
            data.topics()
                    .add(new MetadataRequestTopic().setName("n" + i).setTopicId(Uuids.toWire(id)));
        }

        var answer =
                ask(
                        new MetadataHandler(topics, 1),
                        new MetadataRequest(data, (short) 12),
                        MetadataResponseData.class);

        assertThat(answer.topics()).singleElement().matches(topic -> topic.name().equals("t"));
    }

    @Test
    void deletedTopicsThatNobodyKnowsDoNotHashAlikeInAnAnswer() {
        var data = new DeleteTopicsRequestData();
        for (int i = 0; i < 10_000; i++) {
            data.topics().add(new DeleteTopicState().setName(null).setTopicId(new Uuid(i + 1L, 0)));
        }

        var answer =
                ask(
                        new DeleteTopicsHandler(topics),
                        new DeleteTopicsRequest.Builder(data).build((short) 6),
                        DeleteTopicsResponseData.class);

        assertSpread(answer.responses(), 10_000);
    }

    @Test
    void createdTopicsAreAnsweredInATableForAllOfThem() {
        var data = new CreateTopicsRequestData().setValidateOnly(true);
        for (int i = 0; i < 5000; i++) {
            data.topics()
                    .add(
                            new CreatableTopic()
                                    .setName(
                                            UUID.nameUUIDFromBytes(
                                                            new byte[] {(byte) i, (byte) (i >> 8)})
                                                    .toString())
                                    .setNumPartitions(1)
                                    .setReplicationFactor((short) 1));
        }

        var answer =
                ask(
                        new CreateTopicsHandler(topics),
                        new CreateTopicsRequest.Builder(data).build((short) 7),
                        CreateTopicsResponseData.class);

        assertSpread(answer.topics(), 5000);
        assertThat(answer.topics()).allMatch(topic -> topic.errorCode() == Errors.NONE.code());
    }

    private short created(int... partitions) {
        var topic =
                new CreatableTopic()
                        .setName("wide")
                        .setNumPartitions(-1)
                        .setReplicationFactor((short) -1);
        for (int index : partitions) {
            topic.assignments()
                    .add(
                            new CreatableReplicaAssignment()
                                    .setPartitionIndex(index)
                                    .setBrokerIds(List.of(1)));
        }
        var data = new CreateTopicsRequestData().setValidateOnly(true);
        data.topics().add(topic);
        return ask(
                        new CreateTopicsHandler(topics),
                        new CreateTopicsRequest.Builder(data).build((short) 7),
                        CreateTopicsResponseData.class)
                .topics()
                .find("wide")
                .errorCode();
    }

    @Test
    void assignedPartitionsAreASequenceInAnyOrder() {
        short refused = Errors.INVALID_REPLICA_ASSIGNMENT.code();
        int[] many = new int[5000];
        for (int i = 0; i < many.length; i++) {
            many[i] = i * 7 % many.length;
        }

        assertThat(created(many)).isZero();
        assertThat(created(2, 0, 1)).isZero();
        assertThat(created(0, 0, 1)).isEqualTo(refused);
        assertThat(created(1, 2)).isEqualTo(refused);
        assertThat(created(-1, 0)).isEqualTo(refused);
    }
}
