package io.millrace.broker.handler.group.epoch;

import io.millrace.broker.coordinator.GroupCoordinator;
import io.millrace.broker.group.ConsumerHeartbeat;
import io.millrace.broker.group.ConsumerHeartbeat.OwnedTopic;
import io.millrace.broker.group.GroupReply.Beat;
import io.millrace.broker.group.GroupRequest.Client;
import io.millrace.broker.group.assign.Partitions;
import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.handler.group.GroupErrors;
import io.millrace.broker.wire.Request;
import io.millrace.broker.wire.Uuids;
import java.util.List;
import java.util.UUID;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData.Assignment;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData.TopicPartitions;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.ConsumerGroupHeartbeatRequest;
import org.apache.kafka.common.requests.ConsumerGroupHeartbeatResponse;
import org.jspecify.annotations.Nullable;

/** ConsumerGroupHeartbeat: all that a member of the consumer protocol ever asks (KIP-848). */
public final class ConsumerGroupHeartbeatHandler implements ApiHandler {
    private static final short BRINGS_ID_SINCE = 1;

    private final GroupCoordinator coordinator;

    public ConsumerGroupHeartbeatHandler(GroupCoordinator coordinator) {
        this.coordinator = coordinator;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.CONSUMER_GROUP_HEARTBEAT;
    }

    @Override
    public void handle(Request request) {
        ConsumerGroupHeartbeatRequestData asked =
                request.body(ConsumerGroupHeartbeatRequest.class).data();
        var beat =
                new ConsumerHeartbeat(
                        asked.groupId(),
                        asked.memberId(),
                        Uuid.randomUuid().toString(),
                        request.version() >= BRINGS_ID_SINCE,
                        asked.memberEpoch(),
                        asked.instanceId(),
                        asked.rackId(),
                        asked.rebalanceTimeoutMs(),
                        asked.subscribedTopicNames(),
                        asked.subscribedTopicRegex(),
                        asked.serverAssignor(),
                        owned(asked.topicPartitions()),
                        new Client(request.clientId(), request.client().host()));
        coordinator.handle(beat, reply -> request.answer(response((Beat) reply)));
    }

    private static @Nullable List<OwnedTopic> owned(
            @Nullable List<ConsumerGroupHeartbeatRequestData.TopicPartitions> said) {
        return said == null
                ? null
                : said.stream()
                        .map(each ->
                                new OwnedTopic(Uuids.fromWire(each.topicId()), each.partitions()))
                        .toList();
    }

    private static ConsumerGroupHeartbeatResponse response(Beat beat) {
        Partitions assignment = beat.assignment();
        return new ConsumerGroupHeartbeatResponse(
                new ConsumerGroupHeartbeatResponseData()
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
