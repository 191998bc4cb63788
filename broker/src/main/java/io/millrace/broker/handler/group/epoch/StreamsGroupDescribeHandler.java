package io.millrace.broker.handler.group.epoch;

import io.millrace.broker.coordinator.GroupCoordinator;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupReply;
import io.millrace.broker.group.shard.GroupShard;
import io.millrace.broker.group.streams.StreamsDescription;
import io.millrace.broker.group.streams.StreamsMember;
import io.millrace.broker.group.task.TaskSet;
import io.millrace.broker.group.task.Tasks;
import io.millrace.broker.group.task.Topology.InternalTopic;
import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.handler.AuthorizedOperations;
import io.millrace.broker.handler.group.GroupErrors;
import io.millrace.broker.wire.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.common.message.StreamsGroupDescribeResponseData;
import org.apache.kafka.common.message.StreamsGroupDescribeResponseData.Assignment;
import org.apache.kafka.common.message.StreamsGroupDescribeResponseData.DescribedGroup;
import org.apache.kafka.common.message.StreamsGroupDescribeResponseData.KeyValue;
import org.apache.kafka.common.message.StreamsGroupDescribeResponseData.Member;
import org.apache.kafka.common.message.StreamsGroupDescribeResponseData.Subtopology;
import org.apache.kafka.common.message.StreamsGroupDescribeResponseData.TaskIds;
import org.apache.kafka.common.message.StreamsGroupDescribeResponseData.TopicInfo;
import org.apache.kafka.common.message.StreamsGroupDescribeResponseData.Topology;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.StreamsGroupDescribeRequest;
import org.apache.kafka.common.requests.StreamsGroupDescribeResponse;
import org.jspecify.annotations.Nullable;

/** StreamsGroupDescribe: topology, epochs, members and their tasks. */
public final class StreamsGroupDescribeHandler implements ApiHandler {
    private final GroupDescriptions<DescribedGroup> descriptions;

    public StreamsGroupDescribeHandler(GroupCoordinator coordinator) {
        descriptions = new GroupDescriptions<>(coordinator, StreamsGroupDescribeHandler::describe);
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.STREAMS_GROUP_DESCRIBE;
    }

    @Override
    public void handle(Request request) {
        var asked = request.body(StreamsGroupDescribeRequest.class).data();
        int operations = AuthorizedOperations.onGroup(asked.includeAuthorizedOperations());
        descriptions.ask(
                asked.groupIds(),
                groups -> {
                    groups.stream()
                            .filter(group -> group.errorCode() == 0)
                            .forEach(group -> group.setAuthorizedOperations(operations));
                    request.answer(
                            new StreamsGroupDescribeResponse(
                                    new StreamsGroupDescribeResponseData().setGroups(groups)));
                });
    }

    private static DescribedGroup describe(
            String name, @Nullable GroupShard<Consumer<GroupReply>> shard, GroupError error) {
        if (name.isEmpty() || shard == null) {
            GroupError why = name.isEmpty() ? GroupError.INVALID_GROUP_ID : error;
            return new DescribedGroup().setGroupId(name).setErrorCode(GroupErrors.code(why));
        }
        StreamsDescription group = shard.describeStreams(name);
        if (group == null) {
            return new DescribedGroup()
                    .setGroupId(name)
                    .setErrorCode(GroupErrors.code(GroupError.GROUP_ID_NOT_FOUND))
                    .setErrorMessage("There is no streams group " + name);
        }
        return new DescribedGroup()
                .setGroupId(name)
                .setGroupState(group.state().kafkaName())
                .setGroupEpoch(group.epoch())
                .setAssignmentEpoch(group.targetEpoch())
                .setTopology(topology(group.topology()))
                .setMembers(
                        group.members().stream().map(StreamsGroupDescribeHandler::member).toList());
    }

    private static Topology topology(io.millrace.broker.group.task.Topology topology) {
        var subtopologies = new ArrayList<Subtopology>();
        for (var each : topology.subtopologies()) {
            subtopologies.add(
                    new Subtopology()
                            .setSubtopologyId(each.id())
                            .setSourceTopics(each.sources())
                            .setRepartitionSinkTopics(each.repartitionSinks())
                            .setStateChangelogTopics(topics(each.changelogs()))
                            .setRepartitionSourceTopics(topics(each.repartitionSources())));
        }
        return new Topology().setEpoch(topology.epoch()).setSubtopologies(subtopologies);
    }

    private static List<TopicInfo> topics(List<InternalTopic> topics) {
        var infos = new ArrayList<TopicInfo>();
        for (InternalTopic topic : topics) {
            infos.add(
                    new TopicInfo()
                            .setName(topic.name())
                            .setPartitions(topic.partitions())
                            .setReplicationFactor((short) topic.replicationFactor())
                            .setTopicConfigs(
                                    topic.configs().entrySet().stream()
                                            .map(each ->
                                                    new KeyValue()
                                                            .setKey(each.getKey())
                                                            .setValue(each.getValue()))
                                            .toList()));
        }
        return infos;
    }

    private static Member member(StreamsMember member) {
        return new Member()
                .setMemberId(member.id())
                .setMemberEpoch(member.position().epoch())
                .setRackId(member.identity().rackId())
                .setClientId(member.identity().client().id())
                .setClientHost(member.identity().client().host())
                .setTopologyEpoch(member.identity().topologyEpoch())
                .setProcessId(member.identity().processId())
                .setAssignment(assignment(member.position().held()))
                .setTargetAssignment(assignment(member.target()));
    }

    private static Assignment assignment(Tasks tasks) {
        return new Assignment()
                .setActiveTasks(ids(tasks.active()))
                .setStandbyTasks(ids(tasks.standby()));
    }

    private static List<TaskIds> ids(TaskSet tasks) {
        var ids = new ArrayList<TaskIds>();
        for (String subtopology : tasks.subtopologies()) {
            ids.add(
                    new TaskIds()
                            .setSubtopologyId(subtopology)
                            .setPartitions(tasks.of(subtopology).boxed().toList()));
        }
        return ids;
    }
}
