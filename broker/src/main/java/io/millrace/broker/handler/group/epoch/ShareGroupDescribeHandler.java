package io.millrace.broker.handler.group.epoch;

import io.millrace.broker.coordinator.GroupCoordinator;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupReply;
import io.millrace.broker.group.assign.Partitions;
import io.millrace.broker.group.assign.SharingAssignor;
import io.millrace.broker.group.shard.GroupShard;
import io.millrace.broker.group.share.ShareDescription;
import io.millrace.broker.group.share.ShareMember;
import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.handler.AuthorizedOperations;
import io.millrace.broker.handler.group.GroupErrors;
import io.millrace.broker.loop.PartitionDirectory;
import io.millrace.broker.loop.PartitionDirectory.HostedTopic;
import io.millrace.broker.wire.Request;
import io.millrace.broker.wire.Uuids;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.kafka.common.message.ShareGroupDescribeResponseData;
import org.apache.kafka.common.message.ShareGroupDescribeResponseData.Assignment;
import org.apache.kafka.common.message.ShareGroupDescribeResponseData.DescribedGroup;
import org.apache.kafka.common.message.ShareGroupDescribeResponseData.Member;
import org.apache.kafka.common.message.ShareGroupDescribeResponseData.TopicPartitions;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.ShareGroupDescribeRequest;
import org.apache.kafka.common.requests.ShareGroupDescribeResponse;
import org.jspecify.annotations.Nullable;

/** ShareGroupDescribe: epochs, members, and what each fetches from. */
public final class ShareGroupDescribeHandler implements ApiHandler {
    private final GroupDescriptions<DescribedGroup> descriptions;
    private final PartitionDirectory directory;

    public ShareGroupDescribeHandler(GroupCoordinator coordinator, PartitionDirectory directory) {
        this.descriptions = new GroupDescriptions<>(coordinator, this::describe);
        this.directory = directory;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.SHARE_GROUP_DESCRIBE;
    }

    @Override
    public void handle(Request request) {
        var asked = request.body(ShareGroupDescribeRequest.class).data();
        int operations = AuthorizedOperations.onGroup(asked.includeAuthorizedOperations());
        descriptions.ask(
                asked.groupIds(),
                groups -> {
                    groups.stream()
                            .filter(group -> group.errorCode() == 0)
                            .forEach(group -> group.setAuthorizedOperations(operations));
                    request.answer(
                            new ShareGroupDescribeResponse(
                                    new ShareGroupDescribeResponseData().setGroups(groups)));
                });
    }

    private DescribedGroup describe(
            String name, @Nullable GroupShard<Consumer<GroupReply>> shard, GroupError error) {
        if (name.isEmpty() || shard == null) {
            GroupError why = name.isEmpty() ? GroupError.INVALID_GROUP_ID : error;
            return new DescribedGroup().setGroupId(name).setErrorCode(GroupErrors.code(why));
        }
        ShareDescription group = shard.describeShare(name);
        if (group == null) {
            return new DescribedGroup()
                    .setGroupId(name)
                    .setErrorCode(GroupErrors.code(GroupError.GROUP_ID_NOT_FOUND))
                    .setErrorMessage("There is no share group " + name);
        }
        return new DescribedGroup()
                .setGroupId(name)
                .setGroupState(group.state().kafkaName())
                .setGroupEpoch(group.epoch())
                .setAssignmentEpoch(group.targetEpoch())
                .setAssignorName(SharingAssignor.NAME)
                .setMembers(group.members().stream().map(this::member).toList());
    }

    private Member member(ShareMember member) {
        return new Member()
                .setMemberId(member.id())
                .setRackId(member.rackId())
                .setMemberEpoch(member.epochs().current())
                .setClientId(member.client().id())
                .setClientHost(member.client().host())
                .setSubscribedTopicNames(List.copyOf(member.topics()))
                .setAssignment(assignment(member.assigned()));
    }

    /** Topics that are gone have no name to show. */
    private Assignment assignment(Partitions partitions) {
        var assignment = new Assignment();
        for (UUID id : partitions.topics()) {
            HostedTopic topic = directory.topic(id);
            if (topic != null) {
                assignment
                        .topicPartitions()
                        .add(
                                new TopicPartitions()
                                        .setTopicId(Uuids.toWire(id))
                                        .setTopicName(topic.name())
                                        .setPartitions(partitions.of(id).boxed().toList()));
            }
        }
        return assignment;
    }
}
