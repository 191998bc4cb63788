package io.millrace.broker.queue.model;

import java.util.UUID;

/** Names a share partition: a group and a partition of a topic. */
public record QueueKey(String group, UUID topicId, int partition) {
    /** What decides which shard keeps it. */
    public String shardKey() {
        return group + ":" + topicId + ":" + partition;
    }
}
