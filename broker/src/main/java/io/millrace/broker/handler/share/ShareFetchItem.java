package io.millrace.broker.handler.share;

import io.millrace.broker.loop.AppendWatcher;
import io.millrace.broker.loop.Partition;
import io.millrace.broker.queue.partition.Acquired;
import io.millrace.broker.wire.SeveralSlices;
import java.util.List;
import org.apache.kafka.common.message.ShareFetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.MemoryRecords;

/**
 * One partition of a share fetch under way, and what is answered of it. Belongs to the connection's
 * loop, but for the watch, which is the partition's.
 */
final class ShareFetchItem {
    private final SharePart part;
    private final PartitionData data;
    private boolean watching;
    private int recordCount;

    ShareFetchItem(SharePart part) {
        this.part = part;
        this.data =
                new PartitionData()
                        .setPartitionIndex(part.target().index())
                        .setErrorCode(part.missing().code())
                        .setRecords(MemoryRecords.EMPTY);
    }

    SharePart part() {
        return part;
    }

    PartitionData data() {
        return data;
    }

    void fail(Errors error) {
        data.setErrorCode(error.code());
    }

    boolean failed() {
        return data.errorCode() != Errors.NONE.code();
    }

    void acknowledged(Errors error) {
        data.setAcknowledgeErrorCode(error.code());
    }

    void deliver(BaseRecords records, List<Acquired> acquired, int batchSize) {
        data.setRecords(records).setAcquiredRecords(Delivery.told(acquired, batchSize));
        for (Acquired run : acquired) {
            recordCount += (int) run.range().length();
        }
    }

    int recordCount() {
        return recordCount;
    }

    int sizeBytes() {
        return data.records() == null ? 0 : data.records().sizeInBytes();
    }

    /** Gives back what was read, which nobody is going to get. */
    void drop() {
        if (data.records() != null) {
            SeveralSlices.release(data.records());
        }
        data.setRecords(MemoryRecords.EMPTY).setAcquiredRecords(List.of());
    }

    /** Has the watcher told of the next append; on the partition's loop. */
    void watch(Partition partition, AppendWatcher watcher) {
        if (!watching) {
            watching = true;
            partition.watch(watcher);
        }
    }

    /** The watcher was told, once; on the partition's loop. */
    void watchEnded() {
        watching = false;
    }

    /** No longer wants to be told; on the partition's loop. */
    void unwatch(Partition partition, AppendWatcher watcher) {
        watching = false;
        partition.unwatch(watcher);
    }
}
