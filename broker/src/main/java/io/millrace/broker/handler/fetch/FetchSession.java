package io.millrace.broker.handler.fetch;

import io.millrace.broker.handler.fetch.FetchPartition.Key;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.requests.FetchMetadata;

/**
 * An incremental fetch session (KIP-227): the partitions that a client goes on fetching without
 * naming them again. Belongs to the loop of the connections that use it.
 */
final class FetchSession {
    private final int id;
    private final Kind kind;
    private final Map<Key, FetchPartition> partitions = new LinkedHashMap<>();
    private int epoch = FetchMetadata.nextEpoch(FetchMetadata.INITIAL_EPOCH);
    private long lastUsedMs;

    /**
     * Whose it is.
     *
     * @param usesTopicIds whether its requests name topics by id
     */
    record Kind(boolean ofFollower, boolean usesTopicIds) {}

    FetchSession(int id, Kind kind, Collection<FetchPartition> first, long nowMs) {
        this.id = id;
        this.kind = kind;
        this.lastUsedMs = nowMs;
        first.forEach(partition -> partitions.put(partition.key(), partition));
    }

    int id() {
        return id;
    }

    int epoch() {
        return epoch;
    }

    Kind kind() {
        return kind;
    }

    long lastUsedMs() {
        return lastUsedMs;
    }

    boolean isEmpty() {
        return partitions.isEmpty();
    }

    /** The partitions in the order in which they are to be read. */
    List<FetchPartition> partitions() {
        return List.copyOf(partitions.values());
    }

    /** Applies what a request adds, changes and forgets, and moves to the next epoch. */
    void update(FetchRequestData request, long nowMs) {
        forget(request);
        for (var topic : request.topics()) {
            for (var wanted : topic.partitions()) {
                Key key = key(topic.topic(), topic.topicId(), wanted.partition());
                partitions
                        .computeIfAbsent(key, absent -> new FetchPartition(absent, wanted))
                        .want(wanted);
            }
        }
        epoch = FetchMetadata.nextEpoch(epoch);
        lastUsedMs = nowMs;
    }

    private void forget(FetchRequestData request) {
        for (var topic : request.forgottenTopicsData()) {
            for (int index : topic.partitions()) {
                partitions.remove(key(topic.topic(), topic.topicId(), index));
            }
        }
    }

    /** Lets the others go first next time: this one has just been served. */
    void moveToEnd(FetchPartition served) {
        if (partitions.remove(served.key(), served)) {
            partitions.put(served.key(), served);
        }
    }

    static Key key(String topic, Uuid topicId, int index) {
        return new Key(topic, topicId, index);
    }
}
