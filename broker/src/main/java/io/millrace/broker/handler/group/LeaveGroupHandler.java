package io.millrace.broker.handler.group;

import io.millrace.broker.coordinator.GroupCoordinator;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupReply.Each;
import io.millrace.broker.group.GroupRequest;
import io.millrace.broker.group.GroupRequest.Leaver;
import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.wire.Request;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.LeaveGroupRequestData.MemberIdentity;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupResponseData.MemberResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.LeaveGroupRequest;
import org.apache.kafka.common.requests.LeaveGroupResponse;

/** LeaveGroup: one member, or since version 3 several. */
public final class LeaveGroupHandler implements ApiHandler {
    private static final short BATCHED_SINCE = 3;

    private final GroupCoordinator coordinator;

    public LeaveGroupHandler(GroupCoordinator coordinator) {
        this.coordinator = coordinator;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.LEAVE_GROUP;
    }

    @Override
    public void handle(Request request) {
        LeaveGroupRequest body = request.body(LeaveGroupRequest.class);
        List<MemberIdentity> members = body.members();
        var leavers = new ArrayList<Leaver>();
        members.forEach(
                member -> leavers.add(new Leaver(member.memberId(), member.groupInstanceId())));
        coordinator.handle(
                new GroupRequest.Leave(body.data().groupId(), leavers),
                reply -> request.answer(response(request, members, (Each) reply)));
    }

    private static LeaveGroupResponse response(
            Request request, List<MemberIdentity> members, Each outcome) {
        GroupError error = outcome.error();
        var data = new LeaveGroupResponseData();
        if (error == GroupError.NONE && request.version() < BATCHED_SINCE) {
            error = outcome.errors().isEmpty() ? GroupError.NONE : outcome.errors().getFirst();
        } else if (error == GroupError.NONE) {
            for (int i = 0; i < members.size(); i++) {
                data.members()
                        .add(
                                new MemberResponse()
                                        .setMemberId(members.get(i).memberId())
                                        .setGroupInstanceId(members.get(i).groupInstanceId())
                                        .setErrorCode(GroupErrors.code(outcome.errors().get(i))));
            }
        }
        return new LeaveGroupResponse(data.setErrorCode(GroupErrors.code(error)));
    }
}
