package io.millrace.cluster.peer;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.cluster.controller.Command;
import io.millrace.cluster.controller.Liveness.Heartbeat;
import io.millrace.cluster.proto.CommandsMessage;
import io.millrace.cluster.proto.ControllerRequest;
import io.millrace.cluster.proto.HeartbeatMessage;
import io.millrace.cluster.proto.RecallMessage;
import java.util.List;

/** What a node asks of the active controller. */
public sealed interface Ask {
    /** More commands in one request are not read. */
    int MAX_COMMANDS = 100_000;

    /** Commands to decide in order and to commit all together. */
    record Commands(List<? extends Command> commands) implements Ask {}

    /** A node says that it is there. */
    record Beating(Heartbeat heartbeat) implements Ask {}

    /** A voter that has lost its disk asks how this one stands. */
    record Recall() implements Ask {}

    /** Bytes that this node does not understand. */
    record Unreadable(String why) implements Ask {}

    /**
     * As bytes.
     *
     * @throws IllegalArgumentException for what is unreadable
     */
    static ByteString encode(Ask ask) {
        var request = ControllerRequest.newBuilder();
        switch (ask) {
            case Commands(List<? extends Command> commands) -> {
                var message = CommandsMessage.newBuilder();
                commands.forEach(command -> message.addCommands(CommandCodec.encode(command)));
                request.setCommands(message);
            }
            case Beating(Heartbeat beat) ->
                    request.setHeartbeat(
                            HeartbeatMessage.newBuilder()
                                    .setNode(beat.node())
                                    .setNodeEpoch(beat.nodeEpoch())
                                    .setMetadataOffset(beat.metadataOffset())
                                    .setWantsFence(beat.wantsFence())
                                    .setWantsShutdown(beat.wantsShutdown()));
            case Recall() -> request.setRecall(RecallMessage.getDefaultInstance());
            case Unreadable(String why) -> throw new IllegalArgumentException(why);
        }
        return request.build().toByteString();
    }

    /** From bytes; what cannot be understood is {@link Unreadable}. */
    static Ask decode(ByteString bytes) {
        try {
            ControllerRequest request = ControllerRequest.parseFrom(bytes);
            return switch (request.getAskCase()) {
                case COMMANDS -> commands(request.getCommands());
                case HEARTBEAT -> new Beating(heartbeat(request.getHeartbeat()));
                case RECALL -> new Recall();
                case ASK_NOT_SET -> new Unreadable("a request of an unknown kind");
            };
        } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
            return new Unreadable("a request that cannot be decoded: " + e.getMessage());
        }
    }

    private static Ask commands(CommandsMessage message) {
        if (message.getCommandsCount() > MAX_COMMANDS) {
            return new Unreadable(
                    "%d commands in one request, more than %d"
                            .formatted(message.getCommandsCount(), MAX_COMMANDS));
        }
        return new Commands(message.getCommandsList().stream().map(CommandCodec::decode).toList());
    }

    private static Heartbeat heartbeat(HeartbeatMessage beat) {
        return new Heartbeat(
                beat.getNode(),
                beat.getNodeEpoch(),
                beat.getMetadataOffset(),
                beat.getWantsFence(),
                beat.getWantsShutdown());
    }
}
