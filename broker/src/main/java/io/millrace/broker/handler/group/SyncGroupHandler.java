package io.millrace.broker.handler.group;

import io.millrace.broker.coordinator.GroupCoordinator;
import io.millrace.broker.group.GroupReply.Synced;
import io.millrace.broker.group.GroupRequest;
import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.wire.Request;
import java.nio.ByteBuffer;
import java.util.HashMap;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.SyncGroupRequest;
import org.apache.kafka.common.requests.SyncGroupResponse;

/** SyncGroup: answered when the leader's assignment is stored. */
public final class SyncGroupHandler implements ApiHandler {
    private final GroupCoordinator coordinator;

    public SyncGroupHandler(GroupCoordinator coordinator) {
        this.coordinator = coordinator;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.SYNC_GROUP;
    }

    @Override
    public void handle(Request request) {
        SyncGroupRequestData asked = request.body(SyncGroupRequest.class).data();
        var assignments = new HashMap<String, ByteBuffer>();
        asked.assignments()
                .forEach(each ->
                        assignments.put(each.memberId(), ByteBuffer.wrap(each.assignment())));
        var sync =
                new GroupRequest.Sync(
                        asked.groupId(),
                        new GroupRequest.Claim(
                                asked.generationId(), asked.memberId(), asked.groupInstanceId()),
                        asked.protocolType(),
                        asked.protocolName(),
                        assignments);
        coordinator.handle(sync, reply -> request.answer(response((Synced) reply)));
    }

    private static SyncGroupResponse response(Synced synced) {
        return new SyncGroupResponse(
                new SyncGroupResponseData()
                        .setErrorCode(GroupErrors.code(synced.error()))
                        .setProtocolType(synced.protocolType())
                        .setProtocolName(synced.protocol())
                        .setAssignment(Bytes.of(synced.assignment())));
    }
}
