package io.millrace.broker.handler.share;

import io.millrace.broker.handler.share.ShareSession.Target;
import io.millrace.broker.loop.Partition;
import io.millrace.broker.loop.PartitionDirectory;
import io.millrace.broker.loop.PartitionDirectory.HostedTopic;
import io.millrace.broker.queue.model.AckBatch;
import io.millrace.broker.queue.model.QueueKey;
import io.millrace.broker.wire.Uuids;
import java.util.List;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * One partition of a request of a share group: what is acknowledged of it.
 *
 * @param partition null if it is not here
 * @param missing why it is not
 */
record SharePart(
        Target target,
        QueueKey key,
        @Nullable Partition partition,
        Errors missing,
        List<AckBatch> acks) {

    static SharePart of(
            PartitionDirectory directory, String group, Target target, List<AckBatch> acks) {
        HostedTopic topic = directory.topic(Uuids.fromWire(target.topicId()));
        var key = new QueueKey(group, Uuids.fromWire(target.topicId()), target.index());
        @Nullable Partition partition = topic == null ? null : topic.partition(target.index());
        Errors missing = Errors.NONE;
        if (partition == null) {
            missing = topic == null ? Errors.UNKNOWN_TOPIC_ID : Errors.UNKNOWN_TOPIC_OR_PARTITION;
        }
        return new SharePart(target, key, partition, missing, acks);
    }

    /** Whether any of it is to be held on to, which its request must have announced. */
    boolean renews() {
        return acks.stream().anyMatch(AckBatch::renews);
    }
}
