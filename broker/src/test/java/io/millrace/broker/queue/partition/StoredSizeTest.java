package io.millrace.broker.queue.partition;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.broker.proto.QueueRecordKey;
import io.millrace.broker.proto.QueueRecordKey.PartCase;
import io.millrace.broker.queue.model.DeadReason;
import io.millrace.broker.queue.model.Phase;
import io.millrace.broker.queue.model.QueueKey;
import io.millrace.broker.queue.model.Traits;
import io.millrace.broker.queue.store.StoredPartition;
import io.millrace.broker.shard.StoredRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * What a share partition with many dead and many delayed records costs in its log: as much as is
 * unfinished, each time as much as has changed.
 */
final class StoredSizeTest {
    private static final QueueKey KEY = new QueueKey("g", new UUID(1, 2), 0);
    private static final int MANY = 100_000;
    private static final int PER_SNAPSHOT = 500;

    /** Offset, key, two times and a class, none of which is like its neighbour's. */
    private static final long MOST_BYTES_A_RECORD = 40;

    private static final long NOW_MS = 1_800_000_000_000L;

    private final List<StoredRecord> log = new ArrayList<>();
    private StoredPartition stored = new StoredPartition(KEY, PER_SNAPSHOT);

    private SharePartition partition() {
        return requireNonNull(stored.partition());
    }

    private static Traits traits(int i) {
        return new Traits(i * 7919 + 1, NOW_MS + i * 13L, NOW_MS + 86_400_000L + i * 17L, i % 10);
    }

    /** Every second record is dead: no two of them lie together, nor are any alike. */
    private void fill() {
        log.addAll(stored.start(0));
        for (int i = 0; i < MANY; i++) {
            partition()
                    .restoreHeld(
                            2L * i,
                            traits(i),
                            state -> state.set(Phase.DEAD, 5, "", 0, DeadReason.EXHAUSTED));
            partition().restoreWaiting(2L * MANY + 2L * i, traits(i));
        }
        partition().restoreEnd(4L * MANY, -1);
    }

    /** Buries a dead record; returns what is to be stored at once. */
    private List<StoredRecord> bury(int i) {
        var changes = new Changes();
        partition().buried(List.of(2L * i), changes);
        return stored.store(changes);
    }

    /** What a snapshot takes now, if it is due. */
    private List<StoredRecord> snapshotIfDue() {
        Iterator<StoredRecord> due = stored.snapshotIfDue();
        var records = new ArrayList<StoredRecord>();
        if (due != null) {
            due.forEachRemaining(records::add);
        }
        return records;
    }

    /** Buries one dead record a step until the next snapshot; returns the bytes of each part. */
    private Map<PartCase, Long> snapshot(int from) throws InvalidProtocolBufferException {
        var bytes = new HashMap<PartCase, Long>();
        for (int i = from; !bytes.containsKey(PartCase.SNAPSHOT); i++) {
            var records = new ArrayList<>(bury(i));
            records.addAll(snapshotIfDue());
            for (StoredRecord record : records) {
                log.add(record);
                bytes.merge(partOf(record), sizeOf(record), Long::sum);
            }
        }
        return bytes;
    }

    private static PartCase partOf(StoredRecord record) throws InvalidProtocolBufferException {
        return QueueRecordKey.parseFrom(record.key()).getPartCase();
    }

    private static long sizeOf(StoredRecord record) {
        var value = record.value();
        return record.key().size() + (value == null ? 0L : value.size());
    }

    /** What compaction leaves of the log, in its order. */
    private List<StoredRecord> compacted() {
        var last = new LinkedHashMap<ByteString, StoredRecord>();
        for (StoredRecord record : log) {
            last.remove(record.key());
            last.put(record.key(), record);
        }
        return last.values().stream().filter(record -> record.value() != null).toList();
    }

    private static StoredPartition read(List<StoredRecord> records)
            throws InvalidProtocolBufferException {
        var read = new StoredPartition(KEY, PER_SNAPSHOT);
        for (StoredRecord record : records) {
            read.replay(record);
        }
        return read;
    }

    private static List<Long> offsets(List<Held> held) {
        return held.stream().filter(each -> each.phase() == Phase.DEAD).map(Held::offset).toList();
    }

    @Test
    void aRecordCostsItsStateOnceAndASnapshotWhatHasChanged()
            throws InvalidProtocolBufferException {
        fill();

        Map<PartCase, Long> first = snapshot(0);
        Map<PartCase, Long> second = snapshot(PER_SNAPSHOT);

        assertThat(first.get(PartCase.PAGE)).isLessThan(2 * MANY * MOST_BYTES_A_RECORD);
        assertThat(first.get(PartCase.SNAPSHOT)).isLessThan(100);
        assertThat(second.values().stream().mapToLong(Long::longValue).sum())
                .isLessThan(PER_SNAPSHOT * 2 * MOST_BYTES_A_RECORD);
    }

    @Test
    void aSnapshotOfManyIsFormedSomePagesAtATime() {
        fill();
        for (int i = 0; i < PER_SNAPSHOT; i++) {
            assertThat(stored.snapshotIfDue()).isNull();
            bury(i);
        }
        int pages = partition().dirtyPages();
        var due = requireNonNull(stored.snapshotIfDue());

        int before = pages;
        int records = 0;
        while (due.hasNext()) {
            int now = partition().dirtyPages();
            assertThat(before - now).isLessThanOrEqualTo(64);
            before = now;
            due.next();
            records++;
        }
        assertThat(pages).isEqualTo(4 * MANY / OffsetSet.PAGE + 1);
        assertThat(records).isBetween(pages, pages + 1);
        assertThat(partition().dirtyPages()).isZero();
    }

    @Test
    void theDeadAndTheDelayedAreReadAgain() throws InvalidProtocolBufferException {
        fill();
        snapshot(0);
        snapshot(PER_SNAPSHOT);

        for (List<StoredRecord> records : List.of(log, compacted())) {
            SharePartition again = requireNonNull(read(records).partition());

            assertThat(offsets(again.held())).isEqualTo(offsets(partition().held()));
            assertThat(again.held().getFirst().traits())
                    .isEqualTo(partition().held().getFirst().traits());
            assertThat(again.waiting()).isEqualTo(partition().waiting());
            assertThat(again.dirtyPages()).isZero();
        }
    }

    @Test
    void nothingIsLeftOfWhatIsDone() throws InvalidProtocolBufferException {
        fill();
        snapshot(0);
        stored = read(compacted());
        var changes = new Changes();
        partition().buried(offsets(partition().held()), changes);
        partition().raiseLogStart(4L * MANY, changes);
        log.addAll(stored.store(changes));
        for (int i = 1; i < PER_SNAPSHOT; i++) {
            var moved = new Changes();
            partition().raiseLogStart(4L * MANY + i, moved);
            log.addAll(stored.store(moved));
        }
        log.addAll(snapshotIfDue());

        List<StoredRecord> left = compacted();

        for (StoredRecord record : left) {
            assertThat(partOf(record)).isNotEqualTo(PartCase.PAGE);
        }
        assertThat(sizeOf(left.getLast())).isLessThan(100);
        SharePartition again = requireNonNull(read(left).partition());
        assertThat(again.held()).isEmpty();
        assertThat(again.waiting()).isEmpty();
    }
}
