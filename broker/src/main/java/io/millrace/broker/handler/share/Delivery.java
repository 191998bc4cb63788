package io.millrace.broker.handler.share;

import io.millrace.broker.loop.Partition;
import io.millrace.broker.queue.partition.Acquired;
import io.millrace.broker.wire.SeveralSlices;
import io.millrace.broker.wire.SliceRecords;
import io.millrace.storage.LogSlice;
import io.millrace.storage.StorageException;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import org.apache.kafka.common.message.ShareFetchResponseData.AcquiredRecords;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.MemoryRecords;

/**
 * The batches that hold acquired records, for sending straight from their segment files, a slice
 * for those that lie together. On the partition's loop.
 */
final class Delivery {
    private static final int ONE_BATCH = 1;

    private final Partition partition;
    private final NavigableMap<Long, Glimpse.Batch> seen;
    private final List<SliceRecords> parts = new ArrayList<>();

    Delivery(Partition partition, Glimpse glimpse) {
        this.partition = partition;
        this.seen = glimpse.batches();
    }

    /**
     * The batches, whole. Their slices are held until the answer is written or dropped.
     *
     * @throws StorageException if one cannot be read; nothing is held then
     */
    BaseRecords records(List<Acquired> acquired) {
        List<Glimpse.Batch> wanted = wanted(acquired);
        try {
            int next = 0;
            for (int i = 1; i <= wanted.size(); i++) {
                boolean goesOn =
                        i < wanted.size() && wanted.get(i - 1).last() + 1 == wanted.get(i).base();
                if (!goesOn) {
                    addRun(wanted.subList(next, i));
                    next = i;
                }
            }
        } catch (StorageException e) {
            parts.forEach(SeveralSlices::release);
            throw e;
        }
        return switch (parts.size()) {
            case 0 -> MemoryRecords.EMPTY;
            case 1 -> parts.getFirst();
            default -> new SeveralSlices(parts);
        };
    }

    private List<Glimpse.Batch> wanted(List<Acquired> acquired) {
        var wanted = new ArrayList<Glimpse.Batch>();
        for (Acquired run : acquired) {
            long first = run.range().first();
            Long from = seen.floorKey(first);
            var holding = seen.subMap(from == null ? first : from, true, run.range().last(), true);
            for (Glimpse.Batch batch : holding.values()) {
                boolean isNew = wanted.isEmpty() || wanted.getLast().base() < batch.base();
                if (isNew && batch.last() >= first) {
                    wanted.add(batch);
                }
            }
        }
        return wanted;
    }

    /**
     * Adds batches that follow each other: as one slice, if they lie in one segment as they did
     * when they were seen; else one by one.
     */
    private void addRun(List<Glimpse.Batch> run) {
        int sizeBytes = run.stream().mapToInt(Glimpse.Batch::sizeBytes).sum();
        LogSlice last = read(run.getLast().base(), ONE_BATCH);
        if (run.size() == 1) {
            add(last);
            return;
        }
        LogSlice all;
        try {
            all = read(run.getFirst().base(), sizeBytes);
        } finally {
            last.release();
        }
        boolean asSeen =
                all.sizeBytes() >= sizeBytes
                        && Objects.equals(all.channelOrNull(), last.channelOrNull())
                        && last.position() + last.sizeBytes() == all.position() + sizeBytes
                        && last.sizeBytes() == run.getLast().sizeBytes();
        if (asSeen) {
            parts.add(new SliceRecords(all, sizeBytes));
            return;
        }
        all.release();
        for (Glimpse.Batch batch : run) {
            add(read(batch.base(), ONE_BATCH));
        }
    }

    /** Adds what is there in place of a batch; nothing if that was added or nothing follows. */
    private void add(LogSlice batch) {
        SliceRecords before = parts.isEmpty() ? null : parts.getLast();
        boolean isNew =
                before == null
                        || !Objects.equals(before.slice().channelOrNull(), batch.channelOrNull())
                        || before.slice().position() + before.sizeInBytes() <= batch.position();
        if (isNew && batch.sizeBytes() > 0) {
            parts.add(new SliceRecords(batch, batch.sizeBytes()));
        } else {
            batch.release();
        }
    }

    private LogSlice read(long offset, int sizeBytes) {
        return partition.read(offset, partition.highWatermark(), sizeBytes, true);
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
