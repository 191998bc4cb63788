package io.millrace.broker.handler.group;

import io.millrace.broker.coordinator.GroupCoordinator;
import io.millrace.broker.group.CommittedOffset;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupReply;
import io.millrace.broker.group.GroupRequest.Place;
import io.millrace.broker.group.shard.GroupShard;
import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.handler.Repeats;
import io.millrace.broker.loop.PartitionDirectory;
import io.millrace.broker.loop.PartitionDirectory.HostedTopic;
import io.millrace.broker.wire.Request;
import io.millrace.broker.wire.Uuids;
import java.util.List;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponsePartitions;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseTopics;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.OffsetFetchRequest;
import org.apache.kafka.common.requests.OffsetFetchResponse;
import org.jspecify.annotations.Nullable;

/** OffsetFetch: of one group or several, of named partitions or of all that were committed. */
public final class OffsetFetchHandler implements ApiHandler {
    private static final short TOPIC_IDS_SINCE = 10;
    private static final long NO_OFFSET = -1;

    private final GroupCoordinator coordinator;
    private final PartitionDirectory directory;

    public OffsetFetchHandler(GroupCoordinator coordinator, PartitionDirectory directory) {
        this.coordinator = coordinator;
        this.directory = directory;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.OFFSET_FETCH;
    }

    @Override
    public void handle(Request request) {
        OffsetFetchRequest body = request.body(OffsetFetchRequest.class);
        List<OffsetFetchRequestGroup> groups = body.groups();
        boolean stable = body.requireStable();
        var slots = new OffsetFetchResponseGroup[groups.size()];
        var open = new AtomicInteger(groups.size());
        if (groups.isEmpty()) {
            answer(request, slots);
        }
        var repeats = new Repeats();
        for (int i = 0; i < slots.length; i++) {
            int slot = i;
            OffsetFetchRequestGroup asked = groups.get(i);
            if (repeats.isRepeated(asked.groupId())) {
                slots[slot] =
                        OffsetFetchResponse.groupError(
                                asked, Errors.INVALID_REQUEST, request.version());
                answerIfDone(request, slots, open);
                continue;
            }
            coordinator.ask(
                    asked.groupId(),
                    (shard, error) -> {
                        slots[slot] = fetch(asked, shard, error, request.version());
                        if (stable && shard != null) {
                            markUnstable(slots[slot], shard);
                        }
                        return () -> answerIfDone(request, slots, open);
                    });
        }
    }

    private static void answerIfDone(
            Request request, OffsetFetchResponseGroup[] slots, AtomicInteger open) {
        if (open.decrementAndGet() == 0) {
            answer(request, slots);
        }
    }

    /** An offset that an open transaction may change is not told to who wants none such. */
    private void markUnstable(
            OffsetFetchResponseGroup answer, GroupShard<Consumer<GroupReply>> shard) {
        Predicate<Place> unstable = shard.unstable(answer.groupId());
        for (OffsetFetchResponseTopics topic : answer.topics()) {
            @Nullable HostedTopic byId = directory.topic(Uuids.fromWire(topic.topicId()));
            String name = byId == null ? topic.name() : byId.name();
            for (OffsetFetchResponsePartitions each : topic.partitions()) {
                if (unstable.test(new Place(name, each.partitionIndex()))) {
                    each.setErrorCode(Errors.UNSTABLE_OFFSET_COMMIT.code())
                            .setCommittedOffset(NO_OFFSET)
                            .setCommittedLeaderEpoch(-1)
                            .setMetadata("");
                }
            }
        }
    }

    private static void answer(Request request, OffsetFetchResponseGroup[] slots) {
        request.answer(new OffsetFetchResponse.Builder(List.of(slots)).build(request.version()));
    }

    private OffsetFetchResponseGroup fetch(
            OffsetFetchRequestGroup asked,
            @Nullable GroupShard<Consumer<GroupReply>> shard,
            GroupError error,
            short version) {
        if (shard == null) {
            return OffsetFetchResponse.groupError(asked, GroupErrors.of(error), version);
        }
        String member = asked.memberId();
        GroupError refused =
                shard.mayFetch(asked.groupId(), member == null ? "" : member, asked.memberEpoch());
        if (refused != GroupError.NONE) {
            return OffsetFetchResponse.groupError(asked, GroupErrors.of(refused), version);
        }
        var answer = new OffsetFetchResponseGroup().setGroupId(asked.groupId());
        if (asked.topics() == null) {
            addAll(answer, shard, version);
        } else {
            asked.topics()
                    .forEach(topic -> answer.topics().add(named(asked, topic, shard, version)));
        }
        return answer;
    }

    private void addAll(
            OffsetFetchResponseGroup answer,
            GroupShard<Consumer<GroupReply>> shard,
            short version) {
        var topics = new TreeMap<String, OffsetFetchResponseTopics>();
        shard.offsets(answer.groupId())
                .forEach((place, offset) -> {
                    HostedTopic hosted = directory.topic(place.topic());
                    if (offset.isOf(idOf(hosted))) {
                        topics.computeIfAbsent(place.topic(), name -> topic(name, hosted))
                                .partitions()
                                .add(slot(place.partition(), offset));
                    }
                });
        for (OffsetFetchResponseTopics topic : topics.values()) {
            boolean known = !topic.topicId().equals(Uuid.ZERO_UUID);
            if (known || version < TOPIC_IDS_SINCE) {
                answer.topics().add(topic);
            }
        }
    }

    private static @Nullable UUID idOf(@Nullable HostedTopic hosted) {
        return hosted == null ? null : hosted.id();
    }

    private static OffsetFetchResponseTopics topic(String name, @Nullable HostedTopic hosted) {
        return new OffsetFetchResponseTopics()
                .setName(name)
                .setTopicId(hosted == null ? Uuid.ZERO_UUID : Uuids.toWire(hosted.id()));
    }

    private OffsetFetchResponseTopics named(
            OffsetFetchRequestGroup asked,
            OffsetFetchRequestTopics topic,
            GroupShard<Consumer<GroupReply>> shard,
            short version) {
        boolean byId = version >= TOPIC_IDS_SINCE;
        @Nullable HostedTopic hosted =
                byId
                        ? directory.topic(Uuids.fromWire(topic.topicId()))
                        : directory.topic(topic.name());
        @Nullable String name = byId ? (hosted == null ? null : hosted.name()) : topic.name();
        var answer =
                new OffsetFetchResponseTopics()
                        .setName(name == null ? "" : name)
                        .setTopicId(topic.topicId());
        for (int index : topic.partitionIndexes()) {
            var slot =
                    name == null
                            ? slot(index, null).setErrorCode(Errors.UNKNOWN_TOPIC_ID.code())
                            : slot(index, offset(asked.groupId(), name, index, hosted, shard));
            answer.partitions().add(slot);
        }
        return answer;
    }

    /**
     * What is committed to the topic; not what was to an earlier one of its name, of whose end the
     * shard may not have heard while nobody led it.
     */
    private static @Nullable CommittedOffset offset(
            String group,
            String name,
            int index,
            @Nullable HostedTopic hosted,
            GroupShard<Consumer<GroupReply>> shard) {
        CommittedOffset offset = shard.offset(group, new Place(name, index));
        return offset != null && offset.isOf(idOf(hosted)) ? offset : null;
    }

    private static OffsetFetchResponsePartitions slot(int index, @Nullable CommittedOffset offset) {
        var slot = new OffsetFetchResponsePartitions().setPartitionIndex(index);
        return offset == null
                ? slot.setCommittedOffset(NO_OFFSET).setCommittedLeaderEpoch(-1).setMetadata("")
                : slot.setCommittedOffset(offset.offset())
                        .setCommittedLeaderEpoch(offset.leaderEpoch())
                        .setMetadata(offset.metadata());
    }
}
