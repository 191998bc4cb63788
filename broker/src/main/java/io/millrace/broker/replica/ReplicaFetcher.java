package io.millrace.broker.replica;

import io.millrace.broker.loop.OwnerLoop;
import io.millrace.broker.loop.Partition;
import io.millrace.broker.loop.ReplicaThrottle;
import io.millrace.broker.replica.Followed.Key;
import io.millrace.broker.wire.Uuids;
import io.millrace.cluster.replication.FetchShares;
import io.millrace.cluster.replication.FollowerSession;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchRequestData.ForgottenTopic;
import org.apache.kafka.common.message.FetchRequestData.ReplicaState;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FetchMetadata;
import org.apache.kafka.common.requests.FetchResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches from one leader for the partitions of one loop that follow it, on that loop: one request
 * at a time, the next when everything that the last one brought is on disk, since what a follower
 * asks for is what it has there. In a session (KIP-227), so that only changes are said.
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
    private final Map<Key, Followed> following = new LinkedHashMap<>();
    private final FollowerSession<Key, FetchPartition> session = new FollowerSession<>();
    private final FetchShares<Key> shares;
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
        this.shares = new FetchShares<>(settings.maxBytes(), settings.partitionMaxBytes());
    }

    /** Fetches for a partition from now on, as the follower that it is now. */
    void add(Partition partition) {
        following.put(
                Key.of(partition),
                new Followed(partition, Objects.requireNonNull(partition.following())));
        next();
    }

    /** Fetches no more for a partition; an answer that comes is not taken. */
    void remove(Partition partition) {
        Key key = Key.of(partition);
        if (following.remove(key) != null) {
            shares.forget(key);
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
        boolean full = request.sessionEpoch() == FetchMetadata.INITIAL_EPOCH;
        var _ =
                link.fetch(leader, loop, request)
                        .whenComplete((answer, failure) ->
                                loop.execute(() -> answered(full, answer, failure)));
    }

    private @Nullable FetchRequestData request() {
        var wants = new LinkedHashMap<Key, FetchPartition>();
        long nowMs = loop.nowMs();
        long earliestMs = Long.MAX_VALUE;
        for (Map.Entry<Key, Followed> entry : following.entrySet()) {
            Followed each = entry.getValue();
            if (each.isUnflushed()) {
                return null;
            }
            boolean held = throttle.holdsBack(each.partition(), settings.self());
            long untilMs = held ? nowMs + HELD_BACK_MS : each.restsUntilMs();
            each.asked(untilMs <= nowMs);
            if (each.isAsked()) {
                int maxBytes = shares.of(entry.getKey());
                wants.put(entry.getKey(), each.wanted(maxBytes, settings.readByConsumers()));
            } else {
                earliestMs = Math.min(earliestMs, untilMs);
            }
        }
        if (wants.isEmpty()) {
            later(earliestMs - nowMs);
            return null;
        }
        return request(
                session.ask(wants), (int) Math.min(settings.maxWaitMs(), earliestMs - nowMs));
    }

    private FetchRequestData request(FollowerSession.Ask<Key, FetchPartition> ask, int maxWaitMs) {
        var request =
                new FetchRequestData()
                        .setReplicaState(
                                new ReplicaState()
                                        .setReplicaId(settings.self())
                                        .setReplicaEpoch(link.nodeEpoch()))
                        .setMaxWaitMs(maxWaitMs)
                        .setMinBytes(1)
                        .setMaxBytes(settings.maxBytes())
                        .setSessionId(ask.id())
                        .setSessionEpoch(ask.epoch());
        var topics = new LinkedHashMap<Uuid, FetchTopic>();
        ask.wanted()
                .forEach((key, wanted) ->
                        topics.computeIfAbsent(
                                        key.wireTopic(), id -> new FetchTopic().setTopicId(id))
                                .partitions()
                                .add(wanted));
        var forgotten = new LinkedHashMap<Uuid, ForgottenTopic>();
        for (Key key : ask.forgotten()) {
            forgotten
                    .computeIfAbsent(key.wireTopic(), id -> new ForgottenTopic().setTopicId(id))
                    .partitions()
                    .add(key.index());
        }
        request.topics().addAll(topics.values());
        request.forgottenTopicsData().addAll(forgotten.values());
        return request;
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
            boolean full, @Nullable FetchResponseData answer, @Nullable Throwable failure) {
        if (answer == null || failure != null) {
            failed(failure == null ? "no answer" : String.valueOf(failure.getMessage()));
            if (failure != null) {
                link.unreachable(leader, failure);
            }
            return;
        }
        Errors error = Errors.forCode(answer.errorCode());
        if (error != Errors.NONE && full) {
            failed(error.message());
            return;
        }
        failing = false;
        if (error != Errors.NONE) {
            // The leader has started again, or given the session's place to another.
            session.failed();
        } else if (session.answered(answer.sessionId())) {
            take(answer);
        }
        busy = false;
        next();
    }

    /** A connection that breaks tells nothing of the node; the next attempt may. */
    private void failed(String why) {
        session.failed();
        if (!failing && !following.isEmpty()) {
            LOG.warn(
                    "Node {} cannot be followed, and is asked again every {} ms: {}",
                    leader,
                    settings.backoffMs(),
                    why);
        }
        later(failing ? settings.backoffMs() : Math.min(RETRY_MS, settings.backoffMs()));
        failing = true;
    }

    private void take(FetchResponseData answer) {
        var bytes = new HashMap<Key, Integer>();
        for (FetchableTopicResponse topic : answer.responses()) {
            var id = Uuids.fromWire(topic.topicId());
            for (PartitionData data : topic.partitions()) {
                var key = new Key(id, data.partitionIndex());
                Followed followed = following.get(key);
                if (followed != null && followed.isAsked()) {
                    bytes.put(key, FetchResponse.recordsSize(data));
                    take(key, followed, data);
                }
            }
        }
        shares.answered(bytes);
    }

    private void take(Key key, Followed followed, PartitionData data) {
        Partition partition = followed.partition();
        throttle.moved(partition, settings.self(), FetchResponse.recordsSize(data));
        long restMs = new FetchedPartition(partition, followed.as(), settings).take(data);
        if (restMs > 0 && following.containsKey(key)) {
            followed.restUntil(loop.nowMs() + restMs);
        }
    }
}
