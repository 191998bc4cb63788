package io.millrace.broker.handler.group;

import io.millrace.broker.coordinator.GroupCoordinator;
import io.millrace.broker.group.GroupRequest;
import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.wire.Request;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.HeartbeatRequest;
import org.apache.kafka.common.requests.HeartbeatResponse;

/** Heartbeat: keeps a member's session, and tells it of a rebalance. */
public final class HeartbeatHandler implements ApiHandler {
    private final GroupCoordinator coordinator;

    public HeartbeatHandler(GroupCoordinator coordinator) {
        this.coordinator = coordinator;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.HEARTBEAT;
    }

    @Override
    public void handle(Request request) {
        HeartbeatRequestData asked = request.body(HeartbeatRequest.class).data();
        var beat =
                new GroupRequest.Heartbeat(
                        asked.groupId(),
                        new GroupRequest.Claim(
                                asked.generationId(), asked.memberId(), asked.groupInstanceId()));
        coordinator.handle(
                beat,
                reply ->
                        request.answer(
                                new HeartbeatResponse(
                                        new HeartbeatResponseData()
                                                .setErrorCode(GroupErrors.code(reply.error())))));
    }
}
