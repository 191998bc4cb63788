package io.millrace.broker.handler.share;

import io.millrace.broker.loop.Partition;
import io.millrace.broker.queue.model.Acquisition.Found;
import io.millrace.broker.queue.model.OffsetRange;
import io.millrace.broker.queue.model.Plan;
import io.millrace.broker.queue.model.QueueSettings.Extras;
import io.millrace.broker.queue.model.Scan;
import io.millrace.broker.queue.model.Traits;
import io.millrace.storage.CorruptRangeException;
import io.millrace.storage.LogSlice;
import io.millrace.storage.batch.MalformedBatchException;
import io.millrace.storage.batch.RecordBatchView;
import io.millrace.storage.batch.RecordCursor;
import io.millrace.storage.batch.RecordView;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks into a partition's log for what a plan wants: whether its candidates are still there, and
 * what follows. On the partition's loop; one look each. What it reads is bounded by bytes.
 *
 * <p>What is quarantined is passed over, as records that are gone, where this is the only replica:
 * nobody can repair it. Where others may, the look ends before it.
 */
final class QueueReader {
    private static final Logger LOG = LoggerFactory.getLogger(QueueReader.class);
    private static final int FIRST_LOOK_BYTES = 64 << 10;
    private static final int NEXT_LOOK_BYTES = 1 << 20;
    private static final int MOST_RECORDS_INDEXED = 10_000;

    private final Partition partition;
    private final Extras extras;
    private final boolean committedOnly;
    private final long end;
    private final TreeMap<Long, Glimpse.Batch> batches = new TreeMap<>();
    private final List<Scan.Unit> units = new ArrayList<>();
    private long budgetBytes;
    private long recordsSeen;
    private @Nullable RuntimeException unreadable;

    /**
     * @param committedOnly whether records of open transactions are left for later, and those of
     *     aborted ones left out
     * @param budgetBytes bytes that may be delivered; one batch may be larger
     */
    QueueReader(Partition partition, Extras extras, boolean committedOnly, long budgetBytes) {
        this.partition = partition;
        this.extras = extras;
        this.committedOnly = committedOnly;
        this.end = committedOnly ? partition.lastStableOffset() : partition.highWatermark();
        this.budgetBytes = budgetBytes;
    }

    /**
     * Does the look.
     *
     * @throws CorruptRangeException if there is nothing but what is quarantined and may be repaired
     * @throws MalformedBatchException if there is nothing but a batch that cannot be read
     */
    Glimpse look(Plan plan) {
        var offered = new ArrayList<OffsetRange>();
        var gone = new ArrayList<OffsetRange>();
        for (OffsetRange range : plan.candidates()) {
            if (budgetBytes > 0) {
                lookFor(range, offered, gone);
            }
        }
        long wanted = plan.room();
        for (OffsetRange range : offered) {
            wanted -= range.length();
        }
        boolean indexed = extras.any();
        Scan scan = Scan.NONE;
        if (plan.scanFrom() >= 0 && budgetBytes > 0 && (wanted > 0 || indexed)) {
            scan = scan(Math.max(plan.scanFrom(), partition.log().logStartOffset()), wanted);
        }
        var glimpse =
                new Glimpse(
                        new Found(offered, gone, scan), batches, partition.log().logStartOffset());
        if (unreadable != null && glimpse.isEmpty()) {
            throw unreadable;
        }
        return glimpse;
    }

    /** Whether a range is given up, since nobody can repair it. */
    private boolean passesOver(CorruptRangeException corrupt) {
        boolean lost = partition.terms().replicas().size() <= 1;
        if (lost) {
            LOG.warn("A queue passes over what has no other replica: {}", corrupt.getMessage());
        } else {
            unreadable = corrupt;
        }
        return lost;
    }

    /** Finds the batches that hold a range. What lies between them was compacted. */
    private void lookFor(OffsetRange range, List<OffsetRange> offered, List<OffsetRange> gone) {
        long next = Math.max(range.first(), partition.log().logStartOffset());
        if (next > range.first()) {
            gone.add(new OffsetRange(range.first(), Math.min(range.last(), next - 1)));
        }
        while (next <= range.last() && next < end && budgetBytes > 0) {
            Glimpse.Batch batch;
            try {
                batch = batchAt(next);
            } catch (CorruptRangeException e) {
                long last = Math.min(range.last(), e.endOffset() - 1);
                if (passesOver(e)) {
                    gone.add(new OffsetRange(next, last));
                }
                next = last + 1;
                continue;
            }
            if (batch == null) {
                return;
            }
            if (batch.base() > next) {
                gone.add(new OffsetRange(next, Math.min(range.last(), batch.base() - 1)));
                next = batch.base();
            }
            if (next <= range.last()) {
                offered.add(new OffsetRange(next, Math.min(range.last(), batch.last())));
            }
            next = batch.last() + 1;
        }
    }

    /** The batch that holds an offset, or the next one; null if there is none. */
    private Glimpse.@Nullable Batch batchAt(long offset) {
        var known = batches.floorEntry(offset);
        if (known != null && known.getValue().last() >= offset) {
            return known.getValue();
        }
        LogSlice slice = partition.read(offset, end, RecordBatchView.HEADER_BYTES, true);
        ByteBuffer bytes = slice.read();
        slice.release();
        if (bytes.remaining() < RecordBatchView.HEADER_BYTES) {
            return null;
        }
        return note(new RecordBatchView().wrap(bytes, 0));
    }

    private Glimpse.Batch note(RecordBatchView view) {
        var batch = new Glimpse.Batch(view.baseOffset(), view.lastOffset(), view.sizeBytes());
        if (batches.put(batch.base(), batch) == null) {
            budgetBytes -= batch.sizeBytes();
        }
        return batch;
    }

    private Scan scan(long from, long wanted) {
        long next = from;
        int lookBytes = FIRST_LOOK_BYTES;
        while (next < end && budgetBytes > 0 && !hasSeen(wanted)) {
            long reached = scanOnce(next, lookBytes, wanted);
            if (reached == next) {
                break;
            }
            next = reached;
            lookBytes = NEXT_LOOK_BYTES;
        }
        return next == from ? Scan.NONE : new Scan(from, next, units, extras.any());
    }

    /** Returns where it came to: where it began if that cannot be read. */
    private long scanOnce(long from, int lookBytes, long wanted) {
        try {
            LogSlice slice = partition.read(from, end, lookBytes, true);
            ByteBuffer bytes = slice.read();
            slice.release();
            return walk(bytes, from, wanted);
        } catch (CorruptRangeException e) {
            return passesOver(e) ? Math.min(end, e.endOffset()) : from;
        }
    }

    private boolean hasSeen(long wanted) {
        return recordsSeen >= (extras.any() ? MOST_RECORDS_INDEXED : wanted);
    }

    /**
     * Whether there is a batch whose header makes sense, all of it. If it makes none, the log is
     * asked again from there, and finds out what is bad.
     */
    private boolean isWhole(RecordBatchView view, long from, int availableBytes) {
        boolean sound =
                view.magic() == RecordBatchView.MAGIC
                        && view.sizeBytes() >= RecordBatchView.HEADER_BYTES
                        && view.lastOffsetDelta() >= 0
                        && view.lastOffset() >= from
                        && view.lastOffset() < end;
        if (!sound) {
            unreadable = new MalformedBatchException("no batch where offset " + from + " lies");
        }
        return sound && view.sizeBytes() <= availableBytes;
    }

    /** Takes in whole batches; returns the offset after the last. */
    private long walk(ByteBuffer bytes, long from, long wanted) {
        var view = new RecordBatchView();
        long next = from;
        int position = 0;
        while (budgetBytes > 0
                && !hasSeen(wanted)
                && bytes.limit() - position >= RecordBatchView.HEADER_BYTES
                && isWhole(view.wrap(bytes, position), next, bytes.limit() - position)) {
            if (!view.isControl() && !isAborted(view) && !take(view, from)) {
                return next;
            }
            note(view);
            next = view.lastOffset() + 1;
            position += view.sizeBytes();
        }
        return next;
    }

    /** Whether a batch is of a transaction that was aborted, and is not to be delivered. */
    private boolean isAborted(RecordBatchView view) {
        if (!committedOnly || !view.isTransactional()) {
            return false;
        }
        long end = view.lastOffset() + 1;
        return partition.log().transactions().aborted(view.baseOffset(), end).stream()
                .anyMatch(each ->
                        each.producerId() == view.producerId()
                                && each.firstOffset() <= view.baseOffset());
    }

    /** False, and nothing is taken, if its records cannot be read. */
    private boolean take(RecordBatchView view, long from) {
        if (!extras.any()) {
            long first = Math.max(from, view.baseOffset());
            var range = new OffsetRange(first, view.lastOffset());
            units.add(new Scan.Unit(range, Traits.PLAIN));
            recordsSeen += range.length();
            return true;
        }
        var found = new ArrayList<Scan.Unit>();
        try {
            index(view, from, found);
        } catch (MalformedBatchException e) {
            unreadable = e;
            return false;
        }
        units.addAll(found);
        recordsSeen += found.size();
        return true;
    }

    private void index(RecordBatchView view, long from, List<Scan.Unit> found) {
        var wishes = new Wishes(extras);
        try (var cursor = new RecordCursor(view)) {
            for (RecordView record = cursor.next(); record != null; record = cursor.next()) {
                long offset = cursor.offset();
                if (offset >= from) {
                    Traits traits = wishes.of(record, cursor.timestampMs());
                    found.add(new Scan.Unit(new OffsetRange(offset, offset), traits));
                }
            }
        }
    }
}
