package io.millrace.broker.replica;

import io.millrace.broker.loop.OwnerLoop;
import io.millrace.broker.loop.Partition;
import io.millrace.broker.loop.ReplicaThrottle;
import io.millrace.broker.wire.Uuids;
import io.millrace.cluster.replication.FollowerReplica;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchRequestData.ReplicaState;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.requests.FetchMetadata;
import org.apache.kafka.common.requests.FetchResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches from one leader for the partitions of one loop that follow it, on that loop: one request
 * at a time, the next when everything that the last one brought is on disk, since what a follower
 * asks for is what it has there.
 */
final class ReplicaFetcher {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaFetcher.class);

    private static final int RETRY_MS = 50;
    private static final int HELD_BACK_MS = 100;

    private final int leader;
    private final OwnerLoop loop;
    private final LeaderLink link;
    private final FetchSettings settings;
    private final ReplicaThrottle throttle;
    private final Map<Partition, FollowerReplica> following = new LinkedHashMap<>();
    private final Map<Partition, Long> resting = new HashMap<>();
    private boolean busy;
    private boolean failing;

    ReplicaFetcher(
            int leader,
            OwnerLoop loop,
            LeaderLink link,
            FetchSettings settings,
            ReplicaThrottle throttle) {
        this.leader = leader;
        this.loop = loop;
        this.link = link;
        this.settings = settings;
        this.throttle = throttle;
    }

    /** Fetches for a partition from now on, as the follower that it is now. */
    void add(Partition partition) {
        following.put(partition, Objects.requireNonNull(partition.following()));
        resting.remove(partition);
        next();
    }

    /** Fetches no more for a partition; an answer that comes is not taken. */
    void remove(Partition partition) {
        if (following.remove(partition) != null) {
            resting.remove(partition);
            next();
        }
    }

    /** Sends the next request, unless one is under way or something is still being flushed. */
    void next() {
        if (busy || following.isEmpty()) {
            return;
        }
        FetchRequestData request = request();
        if (request == null) {
            return;
        }
        busy = true;
        var asked = Map.copyOf(following);
        var _ =
                link.fetch(leader, loop, request)
                        .whenComplete((answer, failure) ->
                                loop.execute(() -> answered(asked, answer, failure)));
    }

    private @Nullable FetchRequestData request() {
        Map<UUID, FetchTopic> topics = new LinkedHashMap<>();
        long nowMs = loop.nowMs();
        long earliestMs = Long.MAX_VALUE;
        for (Map.Entry<Partition, FollowerReplica> each : following.entrySet()) {
            Partition partition = each.getKey();
            if (partition.log().flushedOffset() < partition.log().logEndOffset()) {
                return null;
            }
            boolean held = throttle.holdsBack(partition, settings.self());
            long untilMs = held ? nowMs + HELD_BACK_MS : resting.getOrDefault(partition, nowMs);
            if (untilMs > nowMs) {
                earliestMs = Math.min(earliestMs, untilMs);
                continue;
            }
            resting.remove(partition);
            topics.computeIfAbsent(
                            partition.id().topicId(),
                            id -> new FetchTopic().setTopicId(Uuids.toWire(id)))
                    .partitions()
                    .add(wanted(partition, each.getValue()));
        }
        if (topics.isEmpty()) {
            later(earliestMs - nowMs);
            return null;
        }
        var request =
                new FetchRequestData()
                        .setReplicaState(
                                new ReplicaState()
                                        .setReplicaId(settings.self())
                                        .setReplicaEpoch(link.nodeEpoch()))
                        .setMaxWaitMs((int) Math.min(settings.maxWaitMs(), earliestMs - nowMs))
                        .setMinBytes(1)
                        .setMaxBytes(settings.maxBytes())
                        .setSessionEpoch(FetchMetadata.FINAL_EPOCH);
        request.topics().addAll(topics.values());
        return request;
    }

    private FetchPartition wanted(Partition partition, FollowerReplica as) {
        long offset = partition.log().flushedOffset();
        return new FetchPartition()
                .setPartition(partition.id().index())
                .setCurrentLeaderEpoch(as.leaderEpoch())
                .setFetchOffset(offset)
                .setLastFetchedEpoch(partition.log().epochAt(offset - 1))
                .setLogStartOffset(partition.log().logStartOffset())
                .setHighWatermark(
                        settings.readByConsumers() ? partition.committedByLeader() : Long.MAX_VALUE)
                .setPartitionMaxBytes(settings.partitionMaxBytes());
    }

    private void later(long delayMs) {
        busy = true;
        loop.schedule(
                () -> {
                    busy = false;
                    next();
                },
                Math.max(1, delayMs));
    }

    private void answered(
            Map<Partition, FollowerReplica> asked,
            @Nullable FetchResponseData answer,
            @Nullable Throwable failure) {
        if (answer == null || failure != null) {
            if (!failing && !following.isEmpty()) {
                LOG.warn(
                        "Node {} cannot be followed, and is asked again every {} ms: {}",
                        leader,
                        settings.backoffMs(),
                        failure == null ? "no answer" : failure.getMessage());
            }
            if (failure != null) {
                link.unreachable(leader, failure);
            }
            // A connection that breaks tells nothing of the node; the next attempt may.
            later(failing ? settings.backoffMs() : Math.min(RETRY_MS, settings.backoffMs()));
            failing = true;
            return;
        }
        failing = false;
        for (FetchableTopicResponse topic : answer.responses()) {
            UUID id = Uuids.fromWire(topic.topicId());
            topic.partitions().forEach(data -> take(asked, id, data));
        }
        busy = false;
        next();
    }

    private void take(Map<Partition, FollowerReplica> asked, UUID topic, PartitionData data) {
        for (Map.Entry<Partition, FollowerReplica> each : asked.entrySet()) {
            Partition partition = each.getKey();
            boolean meant =
                    partition.id().index() == data.partitionIndex()
                            && partition.id().topicId().equals(topic);
            if (meant && each.getValue().equals(following.get(partition))) {
                throttle.moved(partition, settings.self(), FetchResponse.recordsSize(data));
                long restMs = new FetchedPartition(partition, each.getValue(), settings).take(data);
                if (restMs > 0 && following.containsKey(partition)) {
                    resting.put(partition, loop.nowMs() + restMs);
                }
                return;
            }
        }
    }
}
