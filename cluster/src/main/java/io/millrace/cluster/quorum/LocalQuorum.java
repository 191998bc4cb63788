package io.millrace.cluster.quorum;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.cluster.proto.MetadataRecord;
import io.millrace.cluster.quorum.QuorumDescription.Replica;
import io.millrace.storage.Durability;
import io.millrace.storage.LogConfig;
import io.millrace.storage.LogEnvironment;
import io.millrace.storage.LogOwner;
import io.millrace.storage.LogSlice;
import io.millrace.storage.PartitionLog;
import io.millrace.storage.PartitionLog.AppendRequest;
import io.millrace.storage.PartitionLog.AppendResult;
import io.millrace.storage.PartitionLog.Origin;
import io.millrace.storage.StorageException;
import io.millrace.storage.batch.BatchBuilder;
import io.millrace.storage.batch.RecordBatchView;
import io.millrace.storage.batch.RecordCursor;
import io.millrace.storage.batch.RecordView;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A quorum of one: committed means on this node's disk, synced, however the partitions are stored.
 */
public final class LocalQuorum implements MetadataQuorum, LogOwner {
    private static final int READ_BYTES = 1 << 20;
    private static final int EPOCH = 1;

    private final int nodeId;
    private final LogEnvironment env;
    private final Executor thread;
    private final LongSupplier clockMs;
    private final Path folder;
    private final Deque<Proposal> proposals = new ArrayDeque<>();
    private final SnapshotFile snapshots;
    private @Nullable PartitionLog log;
    private @Nullable Listener listener;

    private record Proposal(
            List<MetadataRecord> records, long endOffset, CompletableFuture<Long> committed) {}

    /**
     * @param nodeId this node, the only one
     * @param dataFolder the broker's data folder
     * @param thread the metadata thread
     * @param clockMs milliseconds since the epoch
     */
    public LocalQuorum(
            int nodeId,
            LogEnvironment env,
            Path dataFolder,
            Executor thread,
            LongSupplier clockMs) {
        this.nodeId = nodeId;
        this.env = env.withDurability(Durability.FSYNC);
        this.thread = thread;
        this.clockMs = clockMs;
        this.folder = MetadataFolder.in(dataFolder);
        this.snapshots = new SnapshotFile(env.disk(), folder);
    }

    @Override
    public void start(Listener told) {
        MetadataFolder.requireLogOfOne(folder);
        listener = told;
        long from;
        try {
            from = snapshots.read(told::restored);
        } catch (IOException e) {
            throw new StorageException(folder, "cannot read the metadata snapshot", e);
        }
        LogConfig keep =
                LogConfig.defaults()
                        .withRetention(
                                new LogConfig.Retention(
                                        false,
                                        false,
                                        -1,
                                        -1,
                                        LogConfig.defaults().retention().compaction()));
        PartitionLog opened = PartitionLog.open(env, folder, keep, this, clockMs.getAsLong());
        log = opened;
        checkComplete(opened, from);
        replay(opened, from, told);
        told.leading(EPOCH);
    }

    /** Nothing may lie between the snapshot and the log: it would be forgotten in silence. */
    private void checkComplete(PartitionLog opened, long from) {
        if (from < opened.logStartOffset() || from > opened.logEndOffset()) {
            throw new StorageException(
                    folder,
                    "the metadata log holds offsets %d to %d, its snapshot ends at %d: restore %s from a backup"
                            .formatted(
                                    opened.logStartOffset(), opened.logEndOffset(), from, folder),
                    null);
        }
    }

    private void replay(PartitionLog opened, long from, Listener told) {
        var view = new RecordBatchView();
        long offset = from;
        while (offset < opened.logEndOffset()) {
            LogSlice slice = opened.read(offset, opened.logEndOffset(), READ_BYTES, true);
            ByteBuffer bytes = slice.read();
            slice.release();
            int position = 0;
            var records = new ArrayList<MetadataRecord>();
            while (bytes.limit() - position >= RecordBatchView.HEADER_BYTES) {
                view.wrap(bytes, position);
                if (view.sizeBytes() > bytes.limit() - position) {
                    break;
                }
                records.addAll(recordsOf(view, offset));
                offset = view.lastOffset() + 1;
                position += view.sizeBytes();
            }
            if (position == 0) {
                throw new StorageException(
                        folder, "the metadata log cannot be read at offset " + offset, null);
            }
            told.committed(records, offset);
        }
    }

    private List<MetadataRecord> recordsOf(RecordBatchView batch, long from) {
        var records = new ArrayList<MetadataRecord>();
        try (var cursor = new RecordCursor(batch)) {
            for (RecordView record = cursor.next(); record != null; record = cursor.next()) {
                if (cursor.offset() >= from) {
                    records.add(MetadataRecord.parseFrom(Objects.requireNonNull(record.value())));
                }
            }
        } catch (InvalidProtocolBufferException e) {
            throw new StorageException(folder, "a metadata record cannot be decoded", e);
        }
        return records;
    }

    /** There is no other voter that could ask. */
    @Override
    public Standing standing() {
        return new Standing(true, 0, true, 0);
    }

    @Override
    public OptionalInt leader() {
        return OptionalInt.of(nodeId);
    }

    @Override
    public CompletableFuture<Long> propose(List<MetadataRecord> records) {
        PartitionLog open = Objects.requireNonNull(log);
        long nowMs = clockMs.getAsLong();
        var builder = new BatchBuilder();
        records.forEach(record -> builder.add(nowMs, null, record.toByteArray()));
        var appended =
                open.append(builder.build(), new AppendRequest(Origin.COORDINATOR, EPOCH, nowMs));
        return switch (appended) {
            case AppendResult.Appended done -> {
                var proposal =
                        new Proposal(records, done.lastOffset() + 1, new CompletableFuture<>());
                proposals.add(proposal);
                open.requestFlush();
                flushed(open.flushedOffset());
                yield proposal.committed();
            }
            case AppendResult.Refused refused ->
                    CompletableFuture.failedFuture(
                            new StorageException(folder, refused.message(), null));
            case AppendResult.Duplicate duplicate ->
                    throw new IllegalStateException("metadata records name no producer");
        };
    }

    @Override
    public void execute(Runnable task) {
        thread.execute(task);
    }

    @Override
    public void flushed(long offset) {
        for (Proposal head = proposals.peek();
                head != null && head.endOffset() <= offset;
                head = proposals.peek()) {
            proposals.remove();
            Objects.requireNonNull(listener).committed(head.records(), head.endOffset());
            head.committed().complete(head.endOffset());
        }
    }

    @Override
    public void offline(StorageException cause) {
        for (Proposal head = proposals.poll(); head != null; head = proposals.poll()) {
            head.committed().completeExceptionally(cause);
        }
    }

    @Override
    public void snapshot(Iterator<MetadataRecord> records, long endOffset) {
        PartitionLog open = Objects.requireNonNull(log);
        try {
            snapshots.write(records, endOffset);
        } catch (IOException e) {
            throw new StorageException(folder, "cannot write the metadata snapshot", e);
        }
        open.deleteRecordsBefore(endOffset);
        open.retain(clockMs.getAsLong(), open.flushedOffset());
    }

    @Override
    public CompletableFuture<QuorumDescription> describe() {
        PartitionLog open = Objects.requireNonNull(log);
        long nowMs = clockMs.getAsLong();
        return CompletableFuture.completedFuture(
                new QuorumDescription(
                        OptionalInt.of(nodeId),
                        EPOCH,
                        OptionalLong.of(open.flushedOffset()),
                        List.of(new Replica(nodeId, open.logEndOffset(), nowMs, nowMs)),
                        List.of()));
    }

    @Override
    public void close() {
        if (log != null) {
            log.close(clockMs.getAsLong());
        }
    }
}
