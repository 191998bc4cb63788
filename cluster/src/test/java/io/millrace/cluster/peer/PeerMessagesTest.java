package io.millrace.cluster.peer;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.millrace.cluster.controller.Command;
import io.millrace.cluster.controller.Decision;
import io.millrace.cluster.controller.Decision.Accepted;
import io.millrace.cluster.controller.Decision.Reason;
import io.millrace.cluster.controller.Decision.Refused;
import io.millrace.cluster.controller.Liveness.Beat;
import io.millrace.cluster.controller.Liveness.Heartbeat;
import io.millrace.cluster.metadata.ConfigResource;
import io.millrace.cluster.metadata.NodeImage;
import io.millrace.cluster.metadata.NodeImage.Registration;
import io.millrace.cluster.metadata.Records;
import io.millrace.cluster.proto.CommandMessage;
import io.millrace.cluster.proto.CommandsMessage;
import io.millrace.cluster.proto.ControllerRequest;
import io.millrace.cluster.proto.ControllerResponse;
import io.millrace.cluster.proto.DecisionMessage;
import io.millrace.cluster.proto.DecisionsMessage;
import io.millrace.cluster.proto.RefusedMessage;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class PeerMessagesTest {
    private static final UUID ID = new UUID(-5, 7);

    private static List<Command> oneOfEach() {
        return List.of(
                new Command.CreateTopic(
                        ID, "t", 2, 3, List.of(List.of(1, 2), List.of(2, 3)), Map.of("k", "")),
                new Command.DeleteTopic(ID),
                new Command.CreatePartitions("t", 9, List.of(List.of(3), List.of(1))),
                new Command.ChangeConfig(
                        new ConfigResource(ConfigResource.Type.GROUP, "g"),
                        Map.of("a", Optional.of(""), "b", Optional.empty())),
                new Command.AllocateProducerIds(0),
                new Command.SetFeatureLevel("f", (short) -3),
                new Command.RegisterNode(
                        new NodeImage(
                                3,
                                "host",
                                9092,
                                "rack",
                                new Registration(4, ID, new UUID(1, -1), true, true)),
                        true),
                new Command.ChangeNode(0, -1, true, true),
                new Command.UnregisterNode(0),
                new Command.AlterPartition(
                        1, 2, ID, 3, 4, 5, List.of(6, 7), List.of(-1L, 1L << 40)),
                new Command.ReplicaFailed(1, 2, ID, 3),
                new Command.ElectLeader("t", 0, true),
                new Command.Reassign("t", 1, Optional.of(List.of(3, 2))),
                new Command.Reassign("t", 1, Optional.empty()),
                new Command.BalanceLeaders(0));
    }

    @Test
    void everyCommandIsReadAsItWasWritten() {
        var asked = new Ask.Commands(oneOfEach());

        assertThat(Ask.decode(Ask.encode(asked))).isEqualTo(asked);
        assertThat(oneOfEach().stream().map(Object::getClass).distinct())
                .hasSize(Command.class.getPermittedSubclasses().length);
    }

    @Test
    void aHeartbeatIsReadAsItWasWritten() {
        for (boolean flag : List.of(true, false)) {
            var asked = new Ask.Beating(new Heartbeat(1, 2, 3, flag, !flag));

            assertThat(Ask.decode(Ask.encode(asked))).isEqualTo(asked);
        }
    }

    @Test
    void everyAnswerIsReadAsItWasWritten() {
        for (Answer answer :
                List.of(
                        new Answer.Decisions(List.of(), 0),
                        new Answer.Heard(new Beat(true, false, true, false, null)),
                        new Answer.Heard(new Beat(false, true, false, true, null)),
                        new Answer.NotController(OptionalInt.of(0), 7),
                        new Answer.NotController(OptionalInt.empty(), 0),
                        new Answer.Failed("so"))) {
            assertThat(Answer.decode(Answer.encode(answer))).isEqualTo(answer);
        }
        for (Reason reason : Reason.values()) {
            var answer = new Answer.Decisions(List.of(new Refused(reason, "why")), 12);

            assertThat(Answer.decode(Answer.encode(answer))).isEqualTo(answer);
        }
    }

    @Test
    void ofWhatWasAcceptedOnlyTheProducerIdsAreTold() {
        Decision topic = new Accepted(List.of(Records.topicDeleted(ID)));
        Decision ids = new Accepted(List.of(Records.producerIdsAllocated(0)));

        assertThat(Answer.decode(Answer.encode(new Answer.Decisions(List.of(topic, ids), 5))))
                .isEqualTo(new Answer.Decisions(List.of(new Accepted(List.of()), ids), 5));
    }

    @Test
    void whatIsNotUnderstoodIsAValue() {
        var unknown = CommandsMessage.newBuilder().addCommands(CommandMessage.newBuilder());
        var reason =
                DecisionMessage.newBuilder()
                        .setRefused(RefusedMessage.newBuilder().setReason("NEWER"));
        var decisions = DecisionsMessage.newBuilder().addDecisions(reason);

        assertThat(Ask.decode(ByteString.EMPTY)).isInstanceOf(Ask.Unreadable.class);
        assertThat(Ask.decode(bytes(ControllerRequest.newBuilder().setCommands(unknown))))
                .isInstanceOf(Ask.Unreadable.class);
        assertThat(Answer.decode(ByteString.EMPTY)).isInstanceOf(Answer.Failed.class);
        assertThat(Answer.decode(bytes(ControllerResponse.newBuilder().setDecisions(decisions))))
                .isInstanceOf(Answer.Failed.class);
    }

    private static ByteString bytes(com.google.protobuf.Message.Builder message) {
        return message.build().toByteString();
    }

    @Test
    void aRequestHasABoundedNumberOfCommands() {
        var one = new Command.UnregisterNode(1);
        var most = new Ask.Commands(Collections.nCopies(Ask.MAX_COMMANDS, one));
        var tooMany = new Ask.Commands(Collections.nCopies(Ask.MAX_COMMANDS + 1, one));

        assertThat(Ask.decode(Ask.encode(most))).isEqualTo(most);
        assertThat(Ask.decode(Ask.encode(tooMany))).isInstanceOf(Ask.Unreadable.class);
    }

    @Test
    void noBytesAreFollowedByAnException() {
        byte[] valid = Ask.encode(new Ask.Commands(oneOfEach())).toByteArray();
        for (int seed = 0; seed < 5_000; seed++) {
            var random = new Random(seed);
            byte[] broken = valid.clone();
            for (int i = 0; i < 3; i++) {
                broken[random.nextInt(broken.length)] = (byte) random.nextInt();
            }
            assertThat(Ask.decode(ByteString.copyFrom(broken))).as("seed %d", seed).isNotNull();
            assertThat(Answer.decode(ByteString.copyFrom(broken))).as("seed %d", seed).isNotNull();
        }
    }
}
