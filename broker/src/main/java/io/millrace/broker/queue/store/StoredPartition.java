package io.millrace.broker.queue.store;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.broker.proto.QueueDelta;
import io.millrace.broker.proto.QueuePage;
import io.millrace.broker.proto.QueueRecordKey;
import io.millrace.broker.proto.QueueSnapshot;
import io.millrace.broker.queue.model.Phase;
import io.millrace.broker.queue.model.QueueKey;
import io.millrace.broker.queue.model.Traits;
import io.millrace.broker.queue.partition.Changes;
import io.millrace.broker.queue.partition.Held;
import io.millrace.broker.queue.partition.SharePartition;
import io.millrace.broker.shard.StoredRecord;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A share partition and how much of it is stored. Its log is compacted: the snapshot's key is the
 * same each time, and the deltas after it go round in twice as many keys as a snapshot is taken
 * after, so that at most one snapshot and so many deltas are read again. A delta counts only if its
 * sequence follows what is known already: one that an old snapshot has outlived is passed over.
 * Backlogs and the dead, which may be many, are stored by pages, those that have changed with each
 * snapshot.
 */
public final class StoredPartition {
    /** Deltas after which a snapshot is taken. */
    public static final int DELTAS_PER_SNAPSHOT = 500;

    private static final int SPARE_SLOTS = 24;

    private final QueueKey key;
    private final int deltasPerSnapshot;
    private final int slots;
    private final Set<Long> storedPages = new HashSet<>();
    private @Nullable SharePartition partition;
    private @Nullable SharePartition paged;
    private long sequence;
    private int deltasSinceSnapshot;

    /**
     * @param deltasPerSnapshot at most {@link #DELTAS_PER_SNAPSHOT}
     */
    public StoredPartition(QueueKey key, int deltasPerSnapshot) {
        this.key = key;
        this.deltasPerSnapshot = deltasPerSnapshot;
        this.slots = 2 * deltasPerSnapshot + SPARE_SLOTS;
    }

    public QueueKey key() {
        return key;
    }

    /** The share partition; null if nothing is known of it. */
    public @Nullable SharePartition partition() {
        return partition;
    }

    /** About what its records that wait take up. */
    public long memoryBytes() {
        SharePartition current = partition == null ? paged : partition;
        return current == null ? 0 : current.memoryBytes();
    }

    /** Begins anew; returns what is to be stored. */
    public List<StoredRecord> start(long startOffset) {
        SharePartition before = partition;
        partition = new SharePartition(before == null ? 0 : before.epoch() + 1, startOffset);
        var records = new ArrayList<StoredRecord>();
        records.add(snapshot(partition));
        storedPages.forEach(page -> records.add(gone(RecordKeys.page(key, page))));
        storedPages.clear();
        return records;
    }

    /** Forgets it; returns what is to be stored. */
    public List<StoredRecord> delete() {
        partition = null;
        var records = new ArrayList<StoredRecord>();
        records.add(gone(RecordKeys.snapshot(key)));
        storedPages.forEach(page -> records.add(gone(RecordKeys.page(key, page))));
        storedPages.clear();
        long used = Math.min(sequence, slots);
        for (int slot = 0; slot < used; slot++) {
            records.add(gone(RecordKeys.delta(key, (int) ((sequence - slot) % slots))));
        }
        return records;
    }

    /** What is to be stored of a step's changes. */
    public List<StoredRecord> store(Changes changes) {
        SharePartition current = partition;
        if (current == null || changes.isEmpty()) {
            return List.of();
        }
        sequence++;
        deltasSinceSnapshot++;
        var records = new ArrayList<StoredRecord>(1);
        if (deltasSinceSnapshot < slots) {
            ByteString slot = RecordKeys.delta(key, (int) (sequence % slots));
            records.add(new StoredRecord(slot, delta(current, changes)));
        }
        markStoredPages(current, changes);
        return records;
    }

    /**
     * What a snapshot takes if it is time for one; null if it is not. To be stored after the deltas
     * of the step, all of it before the next step: a crash may leave the first ones only, so that
     * the pages come before the snapshot, which relies on them.
     */
    public @Nullable Iterator<StoredRecord> snapshotIfDue() {
        SharePartition current = partition;
        if (current == null || deltasSinceSnapshot < deltasPerSnapshot) {
            return null;
        }
        deltasSinceSnapshot = 0;
        return new SnapshotRecords(
                current, (page, waiting) -> page(current, page, waiting), () -> snapshot(current));
    }

    /** A page may have been stored while a record was on its way out of it. */
    private void markStoredPages(SharePartition current, Changes changes) {
        if (storedPages.isEmpty()) {
            return;
        }
        for (long offset : changes.touched()) {
            long page = SharePartition.pageOf(offset);
            if (storedPages.contains(page)) {
                current.markDirty(page);
            }
        }
    }

    private ByteString delta(SharePartition current, Changes changes) {
        var runs = new RunWriter();
        for (long offset : changes.touched()) {
            Held held = current.held(offset);
            if (held == null) {
                runs.done(offset);
            } else {
                runs.held(held);
            }
        }
        for (Changes.Waiting waiting : changes.waiting()) {
            if (!changes.touched().contains(waiting.offset())) {
                runs.waiting(waiting.offset(), waiting.traits());
            }
        }
        RunWriter.Runs all = runs.end();
        return QueueDelta.newBuilder()
                .setSequence(sequence)
                .setEndOffset(current.endOffset())
                .setFloorOffset(Math.max(0, changes.floor()))
                .addAllWaiting(all.waiting())
                .addAllHeld(all.held())
                .addAllDone(all.done())
                .addAllMembers(all.members())
                .build()
                .toByteString();
    }

    private StoredRecord snapshot(SharePartition current) {
        deltasSinceSnapshot = 0;
        var runs = new RunWriter();
        current.held().stream()
                .filter(held -> !held.isStaged() && held.phase() != Phase.DEAD)
                .forEach(runs::held);
        RunWriter.Runs all = runs.end();
        ByteString value =
                QueueSnapshot.newBuilder()
                        .setSequence(sequence)
                        .setEpoch(current.epoch())
                        .setEndOffset(current.endOffset())
                        .addAllHeld(all.held())
                        .addAllMembers(all.members())
                        .build()
                        .toByteString();
        return new StoredRecord(RecordKeys.snapshot(key), value);
    }

    private @Nullable StoredRecord page(
            SharePartition current, long page, Map<Long, Traits> waiting) {
        ByteString name = RecordKeys.page(key, page);
        List<Held> dead = current.deadOn(page);
        if (!waiting.isEmpty() || !dead.isEmpty()) {
            storedPages.add(page);
            return new StoredRecord(name, value(current.epoch(), waiting, dead));
        }
        return storedPages.remove(page) ? gone(name) : null;
    }

    private static ByteString value(int epoch, Map<Long, Traits> waiting, List<Held> dead) {
        var runs = new RunWriter();
        waiting.forEach(runs::waiting);
        dead.forEach(runs::held);
        RunWriter.Runs all = runs.end();
        return QueuePage.newBuilder()
                .setEpoch(epoch)
                .addAllWaiting(all.waiting())
                .addAllDead(all.held())
                .build()
                .toByteString();
    }

    private static StoredRecord gone(ByteString key) {
        return new StoredRecord(key, null);
    }

    /** The share partition that a record is of. */
    public static QueueKey keyOf(StoredRecord record) throws InvalidProtocolBufferException {
        return RecordKeys.read(QueueRecordKey.parseFrom(record.key()));
    }

    /** Applies a stored record. */
    public void replay(StoredRecord record) throws InvalidProtocolBufferException {
        QueueRecordKey stored = QueueRecordKey.parseFrom(record.key());
        ByteString value = record.value();
        switch (stored.getPartCase()) {
            case SNAPSHOT -> replaySnapshot(value);
            case DELTA_SLOT -> {
                if (value != null) {
                    replayDelta(QueueDelta.parseFrom(value));
                }
            }
            case PAGE -> replayPage(stored.getPage(), value);
            case PART_NOT_SET -> throw new InvalidProtocolBufferException("a key without a part");
        }
    }

    private void replaySnapshot(@Nullable ByteString value) throws InvalidProtocolBufferException {
        if (value == null) {
            partition = null;
            paged = null;
            return;
        }
        QueueSnapshot stored = QueueSnapshot.parseFrom(value);
        SharePartition restored = partition == null ? paged : partition;
        if (restored == null || restored.epoch() != stored.getEpoch()) {
            restored = new SharePartition(stored.getEpoch(), stored.getEndOffset());
        }
        paged = null;
        restored.restoreWindow(stored.getEndOffset());
        new RunReader(restored).held(stored.getHeldList(), stored.getMembersList());
        partition = restored;
        sequence = stored.getSequence();
        deltasSinceSnapshot = 0;
    }

    private void replayDelta(QueueDelta stored) throws InvalidProtocolBufferException {
        SharePartition current = partition;
        if (current == null || stored.getSequence() != sequence + 1) {
            return;
        }
        sequence++;
        deltasSinceSnapshot++;
        current.restoreEnd(stored.getEndOffset(), stored.getFloorOffset());
        var runs = new RunReader(current);
        runs.waiting(stored.getWaitingList());
        runs.held(stored.getHeldList(), stored.getMembersList());
        runs.done(stored.getDoneList());
    }

    private void replayPage(long page, @Nullable ByteString value)
            throws InvalidProtocolBufferException {
        QueuePage stored =
                value == null ? QueuePage.getDefaultInstance() : QueuePage.parseFrom(value);
        if (value == null) {
            storedPages.remove(page);
        } else {
            storedPages.add(page);
        }
        SharePartition current = partition;
        if (current == null) {
            current = value == null ? paged : pagedOf(stored.getEpoch());
        }
        if (current != null) {
            restorePage(current, page, stored);
        }
    }

    /** What the pages say until the snapshot comes, in place: they may hold millions. */
    private SharePartition pagedOf(int epoch) {
        SharePartition current = paged;
        if (current == null || current.epoch() != epoch) {
            current = new SharePartition(epoch, 0);
            paged = current;
        }
        return current;
    }

    private static void restorePage(SharePartition partition, long page, QueuePage stored)
            throws InvalidProtocolBufferException {
        Map<Long, Traits> waiting = RunReader.waitingByOffset(stored.getWaitingList());
        boolean isEmpty = waiting.isEmpty() && stored.getDeadCount() == 0;
        if (isEmpty || stored.getEpoch() == partition.epoch()) {
            partition.restorePage(page, waiting);
            new RunReader(partition).held(stored.getDeadList(), List.of());
            partition.pageRestored(page);
        }
    }
}
