package io.millrace.broker.handler.queue;

import io.millrace.broker.coordinator.QueueCoordinator.Gathered;
import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.handler.peer.LogEnds;
import io.millrace.broker.handler.peer.LogEnds.LogEnd;
import io.millrace.broker.handler.peer.PartitionLag;
import io.millrace.broker.handler.peer.QueueRouter;
import io.millrace.broker.handler.peer.ShareMembership;
import io.millrace.broker.loop.Partition;
import io.millrace.broker.loop.PartitionDirectory;
import io.millrace.broker.loop.PartitionDirectory.HostedTopic;
import io.millrace.broker.queue.model.QueueError;
import io.millrace.broker.queue.model.QueueKey;
import io.millrace.broker.wire.Request;
import io.millrace.broker.wire.Uuids;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.DescribeShareGroupOffsetsRequestData.DescribeShareGroupOffsetsRequestGroup;
import org.apache.kafka.common.message.DescribeShareGroupOffsetsResponseData;
import org.apache.kafka.common.message.DescribeShareGroupOffsetsResponseData.DescribeShareGroupOffsetsResponseGroup;
import org.apache.kafka.common.message.DescribeShareGroupOffsetsResponseData.DescribeShareGroupOffsetsResponsePartition;
import org.apache.kafka.common.message.DescribeShareGroupOffsetsResponseData.DescribeShareGroupOffsetsResponseTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeShareGroupOffsetsRequest;
import org.apache.kafka.common.requests.DescribeShareGroupOffsetsResponse;
import org.jspecify.annotations.Nullable;

/** DescribeShareGroupOffsets: where share partitions start, and what is left of them (KIP-1226). */
public final class DescribeShareGroupOffsetsHandler implements ApiHandler {
    private static final long UNKNOWN = -1;

    private final QueueRouter queues;
    private final ShareMembership members;
    private final PartitionDirectory directory;
    private final LogEnds ends;

    public DescribeShareGroupOffsetsHandler(
            QueueRouter queues,
            ShareMembership members,
            PartitionDirectory directory,
            LogEnds ends) {
        this.queues = queues;
        this.members = members;
        this.directory = directory;
        this.ends = ends;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.DESCRIBE_SHARE_GROUP_OFFSETS;
    }

    @Override
    public void handle(Request request) {
        var asked = request.body(DescribeShareGroupOffsetsRequest.class).data().groups();
        var slots = new DescribeShareGroupOffsetsResponseGroup[asked.size()];
        var open = new AtomicInteger(slots.length);
        Runnable end =
                () ->
                        request.answer(
                                new DescribeShareGroupOffsetsResponse(
                                        new DescribeShareGroupOffsetsResponseData()
                                                .setGroups(List.of(slots))));
        if (slots.length == 0) {
            end.run();
        }
        for (int i = 0; i < slots.length; i++) {
            int slot = i;
            describe(
                    asked.get(i),
                    described -> {
                        slots[slot] = described;
                        if (open.decrementAndGet() == 0) {
                            end.run();
                        }
                    });
        }
    }

    private void describe(
            DescribeShareGroupOffsetsRequestGroup asked,
            java.util.function.Consumer<DescribeShareGroupOffsetsResponseGroup> then) {
        String group = asked.groupId();
        members.ask(
                group,
                standing -> {
                    if (standing.error() == Errors.GROUP_ID_NOT_FOUND && asked.topics() != null) {
                        gathered(asked, List.of(), QueueError.NONE, then);
                        return;
                    }
                    if (standing.error() != Errors.NONE) {
                        then.accept(failed(group, standing.error()));
                        return;
                    }
                    queues.offsets(group, (found, why) -> gathered(asked, found, why, then));
                });
    }

    private static DescribeShareGroupOffsetsResponseGroup failed(String group, Errors error) {
        return new DescribeShareGroupOffsetsResponseGroup()
                .setGroupId(group)
                .setErrorCode(error.code())
                .setErrorMessage(error.message());
    }

    /** A partition whose lag is known once it is where its log ends. */
    private record Behind(DescribeShareGroupOffsetsResponsePartition slot, PartitionLag lag) {
        void take(@Nullable LogEnd end) {
            if (end != null) {
                slot.setLeaderEpoch(end.leaderEpoch()).setLag(lag.lag(end.offset()));
            }
        }
    }

    private void gathered(
            DescribeShareGroupOffsetsRequestGroup asked,
            List<Gathered<PartitionLag>> all,
            QueueError why,
            java.util.function.Consumer<DescribeShareGroupOffsetsResponseGroup> then) {
        if (why != QueueError.NONE) {
            then.accept(failed(asked.groupId(), QueueErrors.ofCoordinator(why)));
            return;
        }
        var known = new HashMap<QueueKey, PartitionLag>();
        all.forEach(each -> known.put(each.key(), each.value()));
        var answer = new DescribeShareGroupOffsetsResponseGroup().setGroupId(asked.groupId());
        var behind = new HashMap<Partition, Behind>();
        wanted(asked, known)
                .forEach((topic, indexes) -> {
                    HostedTopic hosted = directory.topic(topic);
                    var slot =
                            new DescribeShareGroupOffsetsResponseTopic()
                                    .setTopicName(topic)
                                    .setTopicId(
                                            hosted == null
                                                    ? Uuid.ZERO_UUID
                                                    : Uuids.toWire(hosted.id()));
                    answer.topics().add(slot);
                    for (int index : indexes) {
                        slot.partitions()
                                .add(partition(asked.groupId(), hosted, index, known, behind));
                    }
                });
        ends.of(
                behind.keySet(),
                found -> {
                    behind.forEach((partition, each) -> each.take(found.get(partition.id())));
                    then.accept(answer);
                });
    }

    private Map<String, Set<Integer>> wanted(
            DescribeShareGroupOffsetsRequestGroup asked, Map<QueueKey, PartitionLag> known) {
        var wanted = new TreeMap<String, Set<Integer>>();
        if (asked.topics() != null) {
            asked.topics()
                    .forEach(topic ->
                            wanted.computeIfAbsent(topic.topicName(), name -> new TreeSet<>())
                                    .addAll(topic.partitions()));
            return wanted;
        }
        for (QueueKey key : known.keySet()) {
            HostedTopic hosted = directory.topic(key.topicId());
            if (hosted != null) {
                wanted.computeIfAbsent(hosted.name(), name -> new TreeSet<>()).add(key.partition());
            }
        }
        return wanted;
    }

    private static DescribeShareGroupOffsetsResponsePartition partition(
            String group,
            @Nullable HostedTopic topic,
            int index,
            Map<QueueKey, PartitionLag> known,
            Map<Partition, Behind> behind) {
        var slot =
                new DescribeShareGroupOffsetsResponsePartition()
                        .setPartitionIndex(index)
                        .setStartOffset(UNKNOWN)
                        .setLag(UNKNOWN);
        Partition partition = topic == null ? null : topic.partition(index);
        if (topic == null || partition == null) {
            return slot.setErrorCode(Errors.UNKNOWN_TOPIC_OR_PARTITION.code())
                    .setErrorMessage(Errors.UNKNOWN_TOPIC_OR_PARTITION.message());
        }
        PartitionLag lag = known.get(new QueueKey(group, topic.id(), index));
        if (lag != null) {
            slot.setStartOffset(lag.start());
            behind.put(partition, new Behind(slot, lag));
        }
        return slot;
    }
}
