package io.millrace.broker.handler.group;

import io.millrace.broker.coordinator.GroupCoordinator;
import io.millrace.broker.group.GroupReply.Joined;
import io.millrace.broker.group.GroupRequest;
import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.wire.Request;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.UUID;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.JoinGroupResponseData.JoinGroupResponseMember;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.JoinGroupRequest;
import org.apache.kafka.common.requests.JoinGroupResponse;

/** JoinGroup: answered when the group's members have gathered. */
public final class JoinGroupHandler implements ApiHandler {
    private static final short REBALANCE_TIMEOUT_SINCE = 1;
    private static final short ID_REQUIRED_SINCE = 4;
    private static final short NULL_PROTOCOL_SINCE = 7;
    private static final short SKIP_ASSIGNMENT_SINCE = 9;

    private final GroupCoordinator coordinator;

    public JoinGroupHandler(GroupCoordinator coordinator) {
        this.coordinator = coordinator;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.JOIN_GROUP;
    }

    @Override
    public void handle(Request request) {
        JoinGroupRequestData asked = request.body(JoinGroupRequest.class).data();
        var protocols = new ArrayList<GroupRequest.Protocol>();
        asked.protocols()
                .forEach(protocol ->
                        protocols.add(
                                new GroupRequest.Protocol(
                                        protocol.name(), ByteBuffer.wrap(protocol.metadata()))));
        String instanceId = asked.groupInstanceId();
        String prefix = instanceId == null ? request.clientId() : instanceId;
        int rebalanceMs =
                request.version() >= REBALANCE_TIMEOUT_SINCE
                        ? asked.rebalanceTimeoutMs()
                        : asked.sessionTimeoutMs();
        var join =
                new GroupRequest.Join(
                        asked.groupId(),
                        asked.memberId(),
                        instanceId,
                        prefix + "-" + UUID.randomUUID(),
                        new GroupRequest.Client(request.clientId(), request.client().host()),
                        new GroupRequest.Timeouts(asked.sessionTimeoutMs(), rebalanceMs),
                        asked.protocolType(),
                        protocols,
                        request.version() >= ID_REQUIRED_SINCE,
                        request.version() >= SKIP_ASSIGNMENT_SINCE);
        coordinator.handle(join, reply -> request.answer(response(request, (Joined) reply)));
    }

    private static JoinGroupResponse response(Request request, Joined joined) {
        String protocol = joined.protocol();
        var data =
                new JoinGroupResponseData()
                        .setErrorCode(GroupErrors.code(joined.error()))
                        .setGenerationId(joined.generation())
                        .setProtocolType(joined.protocolType())
                        .setProtocolName(
                                protocol == null && request.version() < NULL_PROTOCOL_SINCE
                                        ? ""
                                        : protocol)
                        .setLeader(joined.leader())
                        .setMemberId(joined.memberId())
                        .setSkipAssignment(
                                joined.skipAssignment()
                                        && request.version() >= SKIP_ASSIGNMENT_SINCE);
        joined.members()
                .forEach(member ->
                        data.members()
                                .add(
                                        new JoinGroupResponseMember()
                                                .setMemberId(member.id())
                                                .setGroupInstanceId(member.instanceId())
                                                .setMetadata(Bytes.of(member.metadata()))));
        return new JoinGroupResponse(data, request.version());
    }
}
