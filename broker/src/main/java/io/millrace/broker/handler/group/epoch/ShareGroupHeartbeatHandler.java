package io.millrace.broker.handler.group.epoch;

import io.millrace.broker.coordinator.GroupCoordinator;
import io.millrace.broker.group.GroupReply.Beat;
import io.millrace.broker.group.GroupRequest.Client;
import io.millrace.broker.group.ShareHeartbeat;
import io.millrace.broker.group.assign.Partitions;
import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.handler.group.GroupErrors;
import io.millrace.broker.wire.Request;
import io.millrace.broker.wire.Uuids;
import java.util.UUID;
import org.apache.kafka.common.message.ShareGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ShareGroupHeartbeatResponseData;
import org.apache.kafka.common.message.ShareGroupHeartbeatResponseData.Assignment;
import org.apache.kafka.common.message.ShareGroupHeartbeatResponseData.TopicPartitions;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.ShareGroupHeartbeatRequest;
import org.apache.kafka.common.requests.ShareGroupHeartbeatResponse;

/** ShareGroupHeartbeat: members of share groups come, stay and go (KIP-932). */
public final class ShareGroupHeartbeatHandler implements ApiHandler {
    private final GroupCoordinator coordinator;

    public ShareGroupHeartbeatHandler(GroupCoordinator coordinator) {
        this.coordinator = coordinator;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.SHARE_GROUP_HEARTBEAT;
    }

    @Override
    public void handle(Request request) {
        ShareGroupHeartbeatRequestData asked =
                request.body(ShareGroupHeartbeatRequest.class).data();
        var beat =
                new ShareHeartbeat(
                        asked.groupId(),
                        asked.memberId(),
                        asked.memberEpoch(),
                        asked.rackId(),
                        asked.subscribedTopicNames(),
                        new Client(request.clientId(), request.client().host()));
        coordinator.handle(beat, reply -> request.answer(response((Beat) reply)));
    }

    private static ShareGroupHeartbeatResponse response(Beat beat) {
        Partitions assignment = beat.assignment();
        return new ShareGroupHeartbeatResponse(
                new ShareGroupHeartbeatResponseData()
                        .setErrorCode(GroupErrors.code(beat.error()))
                        .setErrorMessage(GroupErrors.message(beat))
                        .setMemberId(beat.memberId().isEmpty() ? null : beat.memberId())
                        .setMemberEpoch(beat.epoch())
                        .setHeartbeatIntervalMs(beat.heartbeatIntervalMs())
                        .setAssignment(assignment == null ? null : assignment(assignment)));
    }

    private static Assignment assignment(Partitions partitions) {
        var assignment = new Assignment();
        for (UUID topic : partitions.topics()) {
            assignment
                    .topicPartitions()
                    .add(
                            new TopicPartitions()
                                    .setTopicId(Uuids.toWire(topic))
                                    .setPartitions(partitions.of(topic).boxed().toList()));
        }
        return assignment;
    }
}
