package io.millrace.broker.handler.group;

import io.millrace.broker.coordinator.GroupCoordinator;
import io.millrace.broker.group.GroupDescription;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupState;
import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.handler.AuthorizedOperations;
import io.millrace.broker.handler.Repeats;
import io.millrace.broker.wire.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroup;
import org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroupMember;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeGroupsRequest;
import org.apache.kafka.common.requests.DescribeGroupsResponse;
import org.jspecify.annotations.Nullable;

/** DescribeGroups: state, members and their assignments. */
public final class DescribeGroupsHandler implements ApiHandler {
    private static final short NOT_FOUND_SINCE = 6;

    private final GroupCoordinator coordinator;

    public DescribeGroupsHandler(GroupCoordinator coordinator) {
        this.coordinator = coordinator;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.DESCRIBE_GROUPS;
    }

    @Override
    public void handle(Request request) {
        var asked = request.body(DescribeGroupsRequest.class).data();
        List<String> names = asked.groups();
        var slots = new DescribedGroup[names.size()];
        var open = new AtomicInteger(names.size());
        if (names.isEmpty()) {
            request.answer(new DescribeGroupsResponse(new DescribeGroupsResponseData()));
        }
        var repeats = new Repeats();
        for (int i = 0; i < slots.length; i++) {
            int slot = i;
            String name = names.get(i);
            if (repeats.isRepeated(name)) {
                slots[slot] = repeated(name);
                answerIfDone(request, slots, open);
                continue;
            }
            coordinator.ask(
                    name,
                    (shard, error) -> {
                        slots[slot] =
                                describe(
                                        name,
                                        shard == null ? null : shard.describe(name),
                                        error,
                                        request.version());
                        slots[slot].setAuthorizedOperations(
                                AuthorizedOperations.onGroup(asked.includeAuthorizedOperations()));
                        return () -> answerIfDone(request, slots, open);
                    });
        }
    }

    private static DescribedGroup repeated(String name) {
        return new DescribedGroup()
                .setGroupId(name)
                .setErrorCode(Errors.INVALID_REQUEST.code())
                .setErrorMessage("The group was named before in this request");
    }

    private static void answerIfDone(Request request, DescribedGroup[] slots, AtomicInteger open) {
        if (open.decrementAndGet() == 0) {
            request.answer(
                    new DescribeGroupsResponse(
                            new DescribeGroupsResponseData().setGroups(List.of(slots))));
        }
    }

    private static DescribedGroup describe(
            String name, @Nullable GroupDescription group, GroupError error, short version) {
        if (error != GroupError.NONE) {
            return new DescribedGroup().setGroupId(name).setErrorCode(GroupErrors.code(error));
        }
        if (group == null) {
            boolean known = version >= NOT_FOUND_SINCE;
            return new DescribedGroup()
                    .setGroupId(name)
                    .setGroupState(GroupState.DEAD.kafkaName())
                    .setErrorCode((known ? Errors.GROUP_ID_NOT_FOUND : Errors.NONE).code())
                    .setErrorMessage(known ? "Group " + name + " not found." : null);
        }
        var members = new ArrayList<DescribedGroupMember>();
        for (GroupDescription.MemberDescription member : group.members()) {
            members.add(
                    new DescribedGroupMember()
                            .setMemberId(member.id())
                            .setGroupInstanceId(member.instanceId())
                            .setClientId(member.client().id())
                            .setClientHost(member.client().host())
                            .setMemberMetadata(Bytes.of(member.metadata()))
                            .setMemberAssignment(Bytes.of(member.assignment())));
        }
        return new DescribedGroup()
                .setGroupId(name)
                .setGroupState(group.state().kafkaName())
                .setProtocolType(group.protocolType())
                .setProtocolData(group.protocol())
                .setMembers(members);
    }
}
