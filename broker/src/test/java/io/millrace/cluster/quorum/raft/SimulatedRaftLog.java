package io.millrace.cluster.quorum.raft;

import io.millrace.storage.disk.Disk;
import io.millrace.storage.disk.DiskFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Records;
import org.apache.kafka.raft.Isolation;
import org.apache.kafka.raft.LogAppendInfo;
import org.apache.kafka.raft.LogFetchInfo;
import org.apache.kafka.raft.LogOffsetMetadata;
import org.apache.kafka.raft.RaftLog;
import org.apache.kafka.server.common.OffsetAndEpoch;
import org.apache.kafka.snapshot.RawSnapshotReader;
import org.apache.kafka.snapshot.RawSnapshotWriter;

/**
 * The metadata log in one file of a simulated disk: what was not flushed may be gone, or torn,
 * after a loss of power. What it cuts off stays cut off, for which Kafka relies on the file system.
 * Without snapshots, which a simulation is too short for.
 */
final class SimulatedRaftLog implements RaftLog {
    private final DiskFile file;
    private final Witness witness;
    private final TreeMap<Long, Stored> batches = new TreeMap<>();

    /** Where each epoch starts. */
    private final TreeMap<Integer, Long> epochs = new TreeMap<>();

    private long sizeBytes;
    private long endOffset;
    private long highWatermark;

    /** Told, in order, of each batch that becomes known to be committed. */
    interface Witness {
        void committed(long baseOffset, int epoch, long checksum);

        /** What is committed would be cut off. */
        void cut(long offset, long highWatermark);
    }

    private record Stored(long position, ByteBuffer bytes, long lastOffset, int epoch, long crc) {}

    SimulatedRaftLog(Disk disk, Path path, Witness witness) throws IOException {
        this.witness = witness;
        ByteBuffer bytes = disk.readWhole(path);
        this.file = disk.open(path);
        recover(bytes);
        disk.syncFolder(Objects.requireNonNull(path.getParent()));
    }

    /** Keeps what is whole and in order; the rest never was flushed. */
    private void recover(ByteBuffer bytes) throws IOException {
        int lastEpoch = 0;
        for (MutableRecordBatch batch :
                MemoryRecords.readableRecords(wholeBatches(bytes)).batches()) {
            boolean good =
                    batch.magic() == 2
                            && batch.isValid()
                            && batch.baseOffset() == endOffset
                            && batch.partitionLeaderEpoch() >= lastEpoch;
            if (!good) {
                break;
            }
            lastEpoch = batch.partitionLeaderEpoch();
            keep(batch);
        }
        file.truncate(sizeBytes);
        file.sync();
    }

    /** Up to the first length that cannot be. */
    private static ByteBuffer wholeBatches(ByteBuffer bytes) {
        int at = 0;
        while (bytes.limit() - at > 61) {
            int size = bytes.getInt(at + 8);
            if (size < 49 || size > bytes.limit() - at - 12 || bytes.get(at + 16) != 2) {
                break;
            }
            at += 12 + size;
        }
        return bytes.slice(0, at);
    }

    private ByteBuffer keep(MutableRecordBatch batch) {
        var copy = ByteBuffer.allocate(batch.sizeInBytes());
        batch.writeTo(copy);
        copy.flip();
        int epoch = batch.partitionLeaderEpoch();
        batches.put(
                batch.baseOffset(),
                new Stored(sizeBytes, copy, batch.lastOffset(), epoch, batch.checksum()));
        epochs.putIfAbsent(epoch, batch.baseOffset());
        sizeBytes += copy.remaining();
        endOffset = batch.lastOffset() + 1;
        return copy;
    }

    private LogAppendInfo append(Records records) {
        long first = endOffset;
        try {
            for (MutableRecordBatch batch : ((MemoryRecords) records).batches()) {
                if (batch.baseOffset() != endOffset) {
                    throw new IllegalArgumentException(
                            "a batch at %d, not %d".formatted(batch.baseOffset(), endOffset));
                }
                long position = sizeBytes;
                file.write(keep(batch).duplicate(), position);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new LogAppendInfo(first, endOffset - 1);
    }

    boolean holds(long baseOffset, int epoch, long checksum) {
        Stored batch = batches.get(baseOffset);
        return batch != null && batch.epoch() == epoch && batch.crc() == checksum;
    }

    @Override
    public LogAppendInfo appendAsLeader(Records records, int epoch) {
        return append(records);
    }

    @Override
    public LogAppendInfo appendAsFollower(Records records, int epoch) {
        return append(records);
    }

    @Override
    public LogFetchInfo read(long offset, Isolation isolation, int maxBytes) {
        long end = isolation == Isolation.COMMITTED ? highWatermark : endOffset;
        var bytes = ByteBuffer.allocate((int) sizeBytes);
        Long from = batches.floorKey(offset);
        if (from != null && offset < end) {
            for (Map.Entry<Long, Stored> each : batches.tailMap(from).entrySet()) {
                int size = each.getValue().bytes().remaining();
                boolean fits = bytes.position() == 0 || bytes.position() + size <= maxBytes;
                if (each.getKey() >= end || !fits) {
                    break;
                }
                bytes.put(each.getValue().bytes().duplicate());
            }
        }
        bytes.flip();
        return new LogFetchInfo(
                MemoryRecords.readableRecords(bytes), new LogOffsetMetadata(offset));
    }

    @Override
    public int lastFetchedEpoch() {
        return epochs.isEmpty() ? 0 : epochs.lastKey();
    }

    @Override
    public OffsetAndEpoch endOffsetForEpoch(int epoch) {
        Map.Entry<Integer, Long> higher = epochs.higherEntry(epoch);
        if (higher == null) {
            return new OffsetAndEpoch(endOffset, lastFetchedEpoch());
        }
        Integer floor = epochs.floorKey(epoch);
        return new OffsetAndEpoch(higher.getValue(), floor == null ? epoch : floor);
    }

    @Override
    public LogOffsetMetadata endOffset() {
        return new LogOffsetMetadata(endOffset);
    }

    @Override
    public LogOffsetMetadata highWatermark() {
        return new LogOffsetMetadata(highWatermark);
    }

    @Override
    public long startOffset() {
        return 0;
    }

    @Override
    public void initializeLeaderEpoch(int epoch) {
        epochs.putIfAbsent(epoch, endOffset);
    }

    @Override
    public void truncateTo(long offset) {
        if (offset < highWatermark) {
            witness.cut(offset, highWatermark);
            throw new IllegalArgumentException("what is committed would be cut off");
        }
        Map.Entry<Long, Stored> first = batches.ceilingEntry(offset);
        if (first != null) {
            sizeBytes = first.getValue().position();
            batches.tailMap(first.getKey()).clear();
        }
        endOffset = batches.isEmpty() ? 0 : batches.lastEntry().getValue().lastOffset() + 1;
        epochs.values().removeIf(start -> start >= endOffset);
        try {
            file.truncate(sizeBytes);
            // Else sectors of what was cut off could show up again between those of what follows.
            file.sync();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public boolean truncateToLatestSnapshot() {
        return false;
    }

    @Override
    public void updateHighWatermark(LogOffsetMetadata committed) {
        long before = highWatermark;
        highWatermark = Math.max(before, committed.offset());
        batches.subMap(before, Math.max(before, highWatermark))
                .forEach((base, batch) -> witness.committed(base, batch.epoch(), batch.crc()));
    }

    @Override
    public void flush(boolean force) {
        try {
            file.sync();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public TopicPartition topicPartition() {
        return Topic.CLUSTER_METADATA_TOPIC_PARTITION;
    }

    @Override
    public Uuid topicId() {
        return Uuid.METADATA_TOPIC_ID;
    }

    @Override
    public boolean maybeClean() {
        return false;
    }

    @Override
    public boolean deleteBeforeSnapshot(OffsetAndEpoch snapshot) {
        return false;
    }

    @Override
    public Optional<RawSnapshotWriter> createNewSnapshot(OffsetAndEpoch snapshot) {
        return Optional.empty();
    }

    @Override
    public Optional<RawSnapshotWriter> createNewSnapshotUnchecked(OffsetAndEpoch snapshot) {
        return Optional.empty();
    }

    @Override
    public Optional<RawSnapshotReader> readSnapshot(OffsetAndEpoch snapshot) {
        return Optional.empty();
    }

    @Override
    public Optional<RawSnapshotReader> latestSnapshot() {
        return Optional.empty();
    }

    @Override
    public Optional<OffsetAndEpoch> latestSnapshotId() {
        return Optional.empty();
    }

    @Override
    public Optional<OffsetAndEpoch> earliestSnapshotId() {
        return Optional.empty();
    }

    @Override
    public void onSnapshotFrozen(OffsetAndEpoch snapshot) {}
}
