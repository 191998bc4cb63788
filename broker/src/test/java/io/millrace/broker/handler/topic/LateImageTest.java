package io.millrace.broker.handler.topic;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.handler.AtNewest;
import io.millrace.broker.handler.HandlerTable;
import io.millrace.broker.wire.Client;
import io.millrace.broker.wire.Request;
import io.millrace.cluster.ControllerClient;
import io.millrace.cluster.MetadataService;
import io.millrace.cluster.MetadataService.Outcome;
import io.millrace.cluster.controller.Command;
import io.millrace.cluster.controller.Liveness.Beat;
import io.millrace.cluster.controller.Liveness.Heartbeat;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.NodeImage;
import io.millrace.cluster.quorum.NotControllerException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData.DeleteTopicState;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.UnregisterBrokerRequestData;
import org.apache.kafka.common.message.UnregisterBrokerResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.DeleteTopicsRequest;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.requests.UnregisterBrokerRequest;
import org.junit.jupiter.api.Test;

/** What administrators ask a node that has not heard of all that the controller has decided. */
final class LateImageTest {
    private final MetadataService metadata = AtOnceQuorum.alone();
    private final Topics topics = new Topics(metadata, BrokerConfig.of(Map.of()));
    private final CompletableFuture<Outcome> caughtUp = new CompletableFuture<>();
    private final List<Request> answered = new ArrayList<>();

    LateImageTest() {
        metadata.start();
        submit(new Command.RegisterNode(new NodeImage(1, "node-1", 9092, "")));
    }

    private void submit(Command command) {
        metadata.submit(List.of(command)).join();
    }

    /** The controller; that this node is up to date it says when the test does. */
    private final class Distant implements ControllerClient {
        @Override
        public ClusterImage image() {
            return metadata.image();
        }

        @Override
        public CompletableFuture<Outcome> submit(List<? extends Command> commands) {
            assertThat(commands).isEmpty();
            return caughtUp;
        }

        @Override
        public CompletableFuture<Beat> heartbeat(Heartbeat beat) {
            throw new AssertionError("nobody asked for one");
        }
    }

    private void ask(ApiHandler handler, AbstractRequest body) {
        var table = new HandlerTable(List.of(new AtNewest(handler, new Distant())));
        var header = new RequestHeader(handler.api(), body.version(), "test", 1);
        table.dispatch(
                new Request(header, body, new Client("/", "test", 1), answered::add, 0, null));
    }

    private void deleteTopic() {
        var asked =
                new DeleteTopicsRequestData()
                        .setTopics(List.of(new DeleteTopicState().setName("t")));
        ask(
                new DeleteTopicsHandler(topics),
                new DeleteTopicsRequest.Builder(asked)
                        .build(ApiKeys.DELETE_TOPICS.latestVersion()));
    }

    private <T extends ApiMessage> T answer(Class<T> type) {
        return type.cast(requireNonNull(answered.getFirst().response()).data());
    }

    private Errors deletion() {
        var results = answer(DeleteTopicsResponseData.class).responses();
        return Errors.forCode(results.iterator().next().errorCode());
    }

    /** Sarama made a topic by one node, and was told by the next that it had none to delete. */
    @Test
    void topicThatThisNodeHasNotHeardOfIsDeleted() {
        deleteTopic();
        assertThat(answered).isEmpty();

        submit(new Command.CreateTopic(UUID.randomUUID(), "t", 1, 1, List.of(), Map.of()));
        caughtUp.complete(new Outcome(List.of(), metadata.image()));

        assertThat(deletion()).isEqualTo(Errors.NONE);
        assertThat(metadata.image().topic("t")).isNull();
    }

    @Test
    void withoutControllerNothingIsSaidOfATopic() {
        deleteTopic();

        caughtUp.completeExceptionally(new NotControllerException(OptionalInt.empty(), 1));

        assertThat(deletion()).isEqualTo(Errors.REQUEST_TIMED_OUT);
    }

    @Test
    void whatIsRefusedLaterIsRefusedAsAtOnce() {
        ask(
                new UnregisterBrokerHandler(topics),
                new UnregisterBrokerRequest.Builder(
                                new UnregisterBrokerRequestData().setBrokerId(1))
                        .build(ApiKeys.UNREGISTER_BROKER.latestVersion()));

        caughtUp.complete(new Outcome(List.of(), metadata.image()));

        assertThat(Errors.forCode(answer(UnregisterBrokerResponseData.class).errorCode()))
                .isEqualTo(Errors.INVALID_REQUEST);
    }
}
