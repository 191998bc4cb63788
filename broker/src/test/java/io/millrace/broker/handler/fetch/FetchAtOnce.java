package io.millrace.broker.handler.fetch;

import io.millrace.broker.handler.fetch.FetchPartition.Key;
import io.millrace.broker.loop.Partition;
import io.millrace.broker.loop.ReplicaThrottle;
import io.millrace.broker.wire.SliceRecords;
import io.millrace.broker.wire.Uuids;
import io.millrace.cluster.metadata.ClusterImage;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;

/** Reads a partition as a fetch does, without waiting, for the simulation of clusters. */
public final class FetchAtOnce {
    private final Reader reader;

    private FetchAtOnce(Reader reader) {
        this.reader = reader;
    }

    /** A consumer that reads what is committed only. */
    public static FetchAtOnce byConsumer() {
        return new FetchAtOnce(new Reader(-1, -1, true, false, null, unlimited(-1)));
    }

    static ReplicaThrottle unlimited(int self) {
        var nothingSet = ClusterImage.empty("c");
        return ReplicaThrottle.ofLeader(() -> nothingSet, self);
    }

    /** What the leader answers, its records in memory. */
    public PartitionData read(Partition partition, FetchRequestData.FetchPartition wanted) {
        var key = new Key("", Uuids.toWire(partition.id().topicId()), partition.id().index());
        var item = new FetchItem(new FetchPartition(key, wanted), partition, Errors.NONE);
        return read(item, partition, reader);
    }

    static PartitionData read(FetchItem item, Partition partition, Reader reader) {
        item.read(partition, reader, item.wanted().wanted().partitionMaxBytes(), true);
        PartitionData data = item.data();
        if (data.records() instanceof SliceRecords records) {
            data.setRecords(MemoryRecords.readableRecords(records.slice().read()));
            records.slice().release();
        }
        return data;
    }
}
