package io.millrace.broker.queue.store;

import io.millrace.broker.queue.model.Traits;
import io.millrace.broker.queue.partition.SharePartition;
import io.millrace.broker.shard.StoredRecord;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The pages that have changed, then the snapshot that relies on them. Millions of records may have
 * to be written at once: so some pages are formed at a time, when they are asked for. Each time
 * costs a pass over the whole backlog, hence there are few. To be gone through before the share
 * partition changes.
 */
final class SnapshotRecords implements Iterator<StoredRecord> {
    private static final int MOST_PASSES = 16;
    private static final int LEAST_PAGES = 64;

    private final SharePartition partition;
    private final PageRecord pageRecord;
    private final Supplier<StoredRecord> snapshot;
    private final Queue<StoredRecord> formed = new ArrayDeque<>();
    private final int pagesAtOnce;
    private boolean ended;

    /** Forms the record of a page; null if it takes none. */
    interface PageRecord {
        @Nullable StoredRecord of(long page, Map<Long, Traits> waiting);
    }

    SnapshotRecords(
            SharePartition partition, PageRecord pageRecord, Supplier<StoredRecord> snapshot) {
        this.partition = partition;
        this.pageRecord = pageRecord;
        this.snapshot = snapshot;
        this.pagesAtOnce = Math.max(LEAST_PAGES, partition.dirtyPages() / MOST_PASSES);
    }

    @Override
    public boolean hasNext() {
        while (formed.isEmpty() && !ended) {
            if (partition.dirtyPages() > 0) {
                partition.takeDirtyPages(pagesAtOnce).forEach(this::form);
            } else {
                formed.add(snapshot.get());
                ended = true;
            }
        }
        return !formed.isEmpty();
    }

    private void form(long page, Map<Long, Traits> waiting) {
        StoredRecord record = pageRecord.of(page, waiting);
        if (record != null) {
            formed.add(record);
        }
    }

    @Override
    public StoredRecord next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        return formed.remove();
    }
}
