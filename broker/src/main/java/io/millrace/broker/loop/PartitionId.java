package io.millrace.broker.loop;

import java.util.UUID;

/** Names a partition: its topic by name and id, and its index. */
public record PartitionId(UUID topicId, String topic, int index) {
    /** The folder of the partition's log, as Kafka names it. */
    public String folder() {
        return topic + "-" + index;
    }

    @Override
    public String toString() {
        return folder();
    }
}
