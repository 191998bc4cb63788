package io.millrace.broker.handler.share;

import io.millrace.broker.loop.Partition;
import io.millrace.broker.queue.partition.Acquired;
import io.millrace.broker.wire.SliceRecords;
import io.millrace.storage.LogSlice;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import org.apache.kafka.common.message.ShareFetchResponseData.AcquiredRecords;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.MemoryRecords;

/**
 * The batches that hold acquired records, for sending: straight from the segment file if they lie
 * together, else copied. On the partition's loop.
 */
final class Delivery {
    private final Partition partition;
    private final NavigableMap<Long, Glimpse.Batch> seen;

    Delivery(Partition partition, Glimpse glimpse) {
        this.partition = partition;
        this.seen = glimpse.batches();
    }

    BaseRecords records(List<Acquired> acquired) {
        var wanted = new ArrayList<Glimpse.Batch>();
        int sizeBytes = 0;
        boolean together = true;
        for (Acquired run : acquired) {
            Long from = seen.floorKey(run.range().first());
            var holding =
                    seen.subMap(
                            from == null ? run.range().first() : from,
                            true,
                            run.range().last(),
                            true);
            for (Glimpse.Batch batch : holding.values()) {
                Glimpse.Batch before = wanted.isEmpty() ? null : wanted.getLast();
                boolean isNew = before == null || before.base() < batch.base();
                if (isNew && batch.last() >= run.range().first()) {
                    together &= before == null || before.last() + 1 == batch.base();
                    wanted.add(batch);
                    sizeBytes += batch.sizeBytes();
                }
            }
        }
        if (wanted.isEmpty()) {
            return MemoryRecords.EMPTY;
        }
        if (together) {
            LogSlice slice = read(wanted.getFirst().base(), sizeBytes);
            if (slice.sizeBytes() >= sizeBytes) {
                return new SliceRecords(slice, sizeBytes);
            }
            slice.release();
        }
        return copied(wanted, sizeBytes);
    }

    private LogSlice read(long offset, int sizeBytes) {
        return partition.read(offset, partition.highWatermark(), sizeBytes, true);
    }

    private BaseRecords copied(List<Glimpse.Batch> wanted, int sizeBytes) {
        var all = ByteBuffer.allocate(sizeBytes);
        for (Glimpse.Batch batch : wanted) {
            LogSlice slice = read(batch.base(), batch.sizeBytes());
            ByteBuffer bytes = slice.read();
            slice.release();
            all.put(bytes.limit(Math.min(bytes.limit(), batch.sizeBytes())));
        }
        return MemoryRecords.readableRecords(all.flip());
    }

    /** Acquired records as the client is told of them, in runs of at most {@code batchSize}. */
    static List<AcquiredRecords> told(List<Acquired> acquired, int batchSize) {
        var told = new ArrayList<AcquiredRecords>();
        long most = batchSize <= 0 ? Long.MAX_VALUE : batchSize;
        for (Acquired run : acquired) {
            long first = run.range().first();
            while (first <= run.range().last()) {
                long last = Math.min(run.range().last(), first + Math.min(most, 1 << 20) - 1);
                told.add(
                        new AcquiredRecords()
                                .setFirstOffset(first)
                                .setLastOffset(last)
                                .setDeliveryCount((short) run.deliveries()));
                first = last + 1;
            }
        }
        return told;
    }
}
