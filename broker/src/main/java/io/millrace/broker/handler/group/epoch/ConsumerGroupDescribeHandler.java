package io.millrace.broker.handler.group.epoch;

import io.millrace.broker.coordinator.GroupCoordinator;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupReply;
import io.millrace.broker.group.assign.Partitions;
import io.millrace.broker.group.consumer.ConsumerDescription;
import io.millrace.broker.group.consumer.ConsumerMember;
import io.millrace.broker.group.shard.GroupShard;
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
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.Assignment;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.DescribedGroup;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.Member;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.TopicPartitions;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.ConsumerGroupDescribeRequest;
import org.apache.kafka.common.requests.ConsumerGroupDescribeResponse;
import org.jspecify.annotations.Nullable;

/** ConsumerGroupDescribe: epochs, members, and what each has and is to have. */
public final class ConsumerGroupDescribeHandler implements ApiHandler {
    private static final byte CLASSIC = 0;
    private static final byte CONSUMER = 1;

    private final GroupDescriptions<DescribedGroup> descriptions;
    private final PartitionDirectory directory;

    public ConsumerGroupDescribeHandler(
            GroupCoordinator coordinator, PartitionDirectory directory) {
        this.descriptions = new GroupDescriptions<>(coordinator, this::describe);
        this.directory = directory;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.CONSUMER_GROUP_DESCRIBE;
    }

    @Override
    public void handle(Request request) {
        var asked = request.body(ConsumerGroupDescribeRequest.class).data();
        int operations = AuthorizedOperations.onGroup(asked.includeAuthorizedOperations());
        descriptions.ask(
                asked.groupIds(),
                groups -> {
                    groups.stream()
                            .filter(group -> group.errorCode() == 0)
                            .forEach(group -> group.setAuthorizedOperations(operations));
                    request.answer(
                            new ConsumerGroupDescribeResponse(
                                    new ConsumerGroupDescribeResponseData().setGroups(groups)));
                });
    }

    private DescribedGroup describe(
            String name, @Nullable GroupShard<Consumer<GroupReply>> shard, GroupError error) {
        if (name.isEmpty() || shard == null) {
            GroupError why = name.isEmpty() ? GroupError.INVALID_GROUP_ID : error;
            return new DescribedGroup().setGroupId(name).setErrorCode(GroupErrors.code(why));
        }
        ConsumerDescription group = shard.describeConsumer(name);
        if (group == null) {
            return new DescribedGroup()
                    .setGroupId(name)
                    .setErrorCode(GroupErrors.code(GroupError.GROUP_ID_NOT_FOUND))
                    .setErrorMessage("There is no consumer group " + name);
        }
        return new DescribedGroup()
                .setGroupId(name)
                .setGroupState(group.state().kafkaName())
                .setGroupEpoch(group.epoch())
                .setAssignmentEpoch(group.targetEpoch())
                .setAssignorName(group.assignor())
                .setMembers(group.members().stream().map(this::member).toList());
    }

    private Member member(ConsumerMember member) {
        String regex = member.wants().regex();
        return new Member()
                .setMemberId(member.id())
                .setInstanceId(member.identity().instanceId())
                .setRackId(member.identity().rackId())
                .setMemberEpoch(member.position().epoch())
                .setClientId(member.identity().client().id())
                .setClientHost(member.identity().client().host())
                .setSubscribedTopicNames(List.copyOf(member.wants().topics()))
                .setSubscribedTopicRegex(regex.isEmpty() ? null : regex)
                .setAssignment(assignment(member.position().held().partitions()))
                .setTargetAssignment(assignment(member.target()))
                .setMemberType(member.classic() == null ? CONSUMER : CLASSIC);
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
