package io.millrace.broker.handler.group.epoch;

import io.millrace.broker.coordinator.GroupCoordinator;
import io.millrace.broker.group.GroupRequest.Client;
import io.millrace.broker.group.StreamsHeartbeat;
import io.millrace.broker.group.StreamsHeartbeat.Answer;
import io.millrace.broker.group.StreamsHeartbeat.OwnedTasks;
import io.millrace.broker.group.task.TaskSet;
import io.millrace.broker.group.task.Tasks;
import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.handler.group.GroupErrors;
import io.millrace.broker.wire.Request;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.StreamsGroupHeartbeatRequestData;
import org.apache.kafka.common.message.StreamsGroupHeartbeatResponseData;
import org.apache.kafka.common.message.StreamsGroupHeartbeatResponseData.Status;
import org.apache.kafka.common.message.StreamsGroupHeartbeatResponseData.TaskIds;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.StreamsGroupHeartbeatRequest;
import org.apache.kafka.common.requests.StreamsGroupHeartbeatResponse;
import org.jspecify.annotations.Nullable;

/** StreamsGroupHeartbeat: all that a member of a streams group ever asks (KIP-1071). */
public final class StreamsGroupHeartbeatHandler implements ApiHandler {
    private static final int TASK_OFFSET_INTERVAL_MS = 60_000;
    private static final int ACCEPTABLE_LAG = 10_000;

    /** Of what is wrong with a topology: it can name all its topics, and no answer holds those. */
    private static final int TOLD_CHARACTERS = 1000;

    private final GroupCoordinator coordinator;

    public StreamsGroupHeartbeatHandler(GroupCoordinator coordinator) {
        this.coordinator = coordinator;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.STREAMS_GROUP_HEARTBEAT;
    }

    @Override
    public void handle(Request request) {
        StreamsGroupHeartbeatRequestData asked =
                request.body(StreamsGroupHeartbeatRequest.class).data();
        var beat =
                new StreamsHeartbeat(
                        asked.groupId(),
                        asked.memberId(),
                        asked.memberEpoch(),
                        asked.instanceId(),
                        asked.rackId(),
                        asked.rebalanceTimeoutMs(),
                        asked.topology() == null ? null : TopologyReader.read(asked.topology()),
                        owned(asked),
                        asked.processId(),
                        asked.shutdownApplication(),
                        new Client(request.clientId(), request.client().host()));
        coordinator.handle(beat, reply -> request.answer(response(request, asked, (Answer) reply)));
    }

    /** What the client has in any role; it says all roles or none. */
    private static @Nullable List<OwnedTasks> owned(StreamsGroupHeartbeatRequestData asked) {
        if (asked.activeTasks() == null
                && asked.standbyTasks() == null
                && asked.warmupTasks() == null) {
            return null;
        }
        var owned = new ArrayList<OwnedTasks>();
        add(owned, asked.activeTasks());
        add(owned, asked.standbyTasks());
        add(owned, asked.warmupTasks());
        return owned;
    }

    private static void add(
            List<OwnedTasks> owned,
            @Nullable List<StreamsGroupHeartbeatRequestData.TaskIds> tasks) {
        if (tasks != null) {
            tasks.forEach(
                    each -> owned.add(new OwnedTasks(each.subtopologyId(), each.partitions())));
        }
    }

    private static StreamsGroupHeartbeatResponse response(
            Request request, StreamsGroupHeartbeatRequestData asked, Answer answer) {
        var data =
                new StreamsGroupHeartbeatResponseData()
                        .setErrorCode(GroupErrors.code(answer.error()))
                        .setErrorMessage(
                                brief(GroupErrors.message(answer.error(), answer.message())))
                        .setMemberId(answer.memberId())
                        .setMemberEpoch(answer.epoch())
                        .setHeartbeatIntervalMs(answer.heartbeatIntervalMs())
                        .setTaskOffsetIntervalMs(TASK_OFFSET_INTERVAL_MS)
                        .setEndpointInformationEpoch(asked.endpointInformationEpoch())
                        .setStatus(
                                answer.statuses().stream()
                                        .map(each ->
                                                new Status()
                                                        .setStatusCode(each.code())
                                                        .setStatusDetail(brief(each.detail())))
                                        .toList());
        if (request.version() == 0) {
            data.setAcceptableRecoveryLagLegacy(ACCEPTABLE_LAG);
        } else {
            data.setAcceptableRecoveryLag(ACCEPTABLE_LAG);
        }
        Tasks tasks = answer.tasks();
        if (tasks != null) {
            data.setActiveTasks(ids(tasks.active()))
                    .setStandbyTasks(ids(tasks.standby()))
                    .setWarmupTasks(List.of());
        }
        return new StreamsGroupHeartbeatResponse(data);
    }

    private static @Nullable String brief(@Nullable String text) {
        return text == null || text.length() <= TOLD_CHARACTERS
                ? text
                : text.substring(0, TOLD_CHARACTERS) + "...";
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
