package io.millrace.broker.handler.group;

import io.millrace.broker.coordinator.GroupCoordinator;
import io.millrace.broker.group.GroupReply.Each;
import io.millrace.broker.group.GroupRequest;
import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.loop.PartitionDirectory;
import io.millrace.broker.loop.PartitionDirectory.HostedTopic;
import io.millrace.broker.wire.Request;
import io.millrace.broker.wire.Uuids;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetCommitResponseData.OffsetCommitResponsePartition;
import org.apache.kafka.common.message.OffsetCommitResponseData.OffsetCommitResponseTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.OffsetCommitRequest;
import org.apache.kafka.common.requests.OffsetCommitResponse;
import org.jspecify.annotations.Nullable;

/** OffsetCommit: of members and of standalone consumers, by topic name or id. */
public final class OffsetCommitHandler implements ApiHandler {
    private static final short EPOCHS_SINCE = 9;
    private static final short TOPIC_IDS_SINCE = 10;

    private final GroupCoordinator coordinator;
    private final PartitionDirectory directory;

    public OffsetCommitHandler(GroupCoordinator coordinator, PartitionDirectory directory) {
        this.coordinator = coordinator;
        this.directory = directory;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.OFFSET_COMMIT;
    }

    @Override
    public void handle(Request request) {
        OffsetCommitRequestData asked = request.body(OffsetCommitRequest.class).data();
        var response = new OffsetCommitResponseData();
        var offsets = new ArrayList<GroupRequest.Offset>();
        var slots = new ArrayList<OffsetCommitResponsePartition>();
        for (OffsetCommitRequestTopic topic : asked.topics()) {
            var answer =
                    new OffsetCommitResponseTopic()
                            .setName(topic.name())
                            .setTopicId(topic.topicId());
            response.topics().add(answer);
            boolean byId = request.version() >= TOPIC_IDS_SINCE;
            @Nullable HostedTopic hosted =
                    byId
                            ? directory.topic(Uuids.fromWire(topic.topicId()))
                            : directory.topic(topic.name());
            for (OffsetCommitRequestPartition partition : topic.partitions()) {
                var slot =
                        new OffsetCommitResponsePartition()
                                .setPartitionIndex(partition.partitionIndex());
                answer.partitions().add(slot);
                if (hosted == null || hosted.partition(partition.partitionIndex()) == null) {
                    slot.setErrorCode(missing(byId, hosted).code());
                } else {
                    slots.add(slot);
                    offsets.add(offset(hosted, partition).keptFor(asked.retentionTimeMs()));
                }
            }
        }
        if (offsets.isEmpty()) {
            request.answer(new OffsetCommitResponse(response));
            return;
        }
        var claim =
                new GroupRequest.Claim(
                        asked.generationIdOrMemberEpoch(),
                        asked.memberId(),
                        asked.groupInstanceId());
        coordinator.handle(
                new GroupRequest.Commit(
                        asked.groupId(), claim, request.version() >= EPOCHS_SINCE, offsets),
                reply -> {
                    fill(slots, (Each) reply);
                    request.answer(new OffsetCommitResponse(response));
                });
    }

    private static Errors missing(boolean byId, @Nullable HostedTopic hosted) {
        return byId && hosted == null ? Errors.UNKNOWN_TOPIC_ID : Errors.UNKNOWN_TOPIC_OR_PARTITION;
    }

    private static GroupRequest.Offset offset(
            HostedTopic topic, OffsetCommitRequestPartition partition) {
        String metadata = partition.committedMetadata();
        return new GroupRequest.Offset(
                        topic.name(),
                        partition.partitionIndex(),
                        partition.committedOffset(),
                        partition.committedLeaderEpoch(),
                        metadata == null ? "" : metadata)
                .of(topic.id());
    }

    private static void fill(List<OffsetCommitResponsePartition> slots, Each outcome) {
        for (int i = 0; i < slots.size(); i++) {
            slots.get(i).setErrorCode(GroupErrors.code(outcome.errors().get(i)));
        }
    }
}
