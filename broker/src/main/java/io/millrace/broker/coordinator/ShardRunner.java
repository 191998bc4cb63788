package io.millrace.broker.coordinator;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupLimits;
import io.millrace.broker.group.GroupRecord;
import io.millrace.broker.group.GroupReply;
import io.millrace.broker.group.GroupRequest;
import io.millrace.broker.group.GroupShard;
import io.millrace.broker.group.Output;
import io.millrace.broker.loop.CommitWaiter.Commit;
import io.millrace.broker.loop.OwnerLoop;
import io.millrace.broker.loop.Partition;
import io.millrace.storage.LogSlice;
import io.millrace.storage.PartitionLog;
import io.millrace.storage.PartitionLog.AppendResult;
import io.millrace.storage.PartitionLog.Origin;
import io.millrace.storage.StorageException;
import io.millrace.storage.batch.BatchBuilder;
import io.millrace.storage.batch.RecordBatchView;
import io.millrace.storage.batch.RecordCursor;
import io.millrace.storage.batch.RecordView;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one shard on its partition's loop: appends what it wants stored, and sends its replies when
 * that is committed. What cannot be stored did not happen: the shard is read again from the log.
 */
final class ShardRunner {
    private static final Logger LOG = LoggerFactory.getLogger(ShardRunner.class);
    private static final int READ_BYTES = 1 << 20;
    private static final int BATCH_BYTES = 512 * 1024;

    private final Partition partition;
    private final GroupLimits limits;
    private final Map<Consumer<GroupReply>, GroupRequest> waiting = new HashMap<>();
    private @Nullable GroupShard<Consumer<GroupReply>> shard;

    /** Exclusive end of the records that the shard's state comes from. */
    private long appendedEnd;

    ShardRunner(Partition partition, GroupLimits limits) {
        this.partition = partition;
        this.limits = limits;
    }

    OwnerLoop loop() {
        return partition.loop();
    }

    void handle(GroupRequest request, Consumer<GroupReply> reply) {
        GroupShard<Consumer<GroupReply>> open = open();
        if (open == null) {
            reply.accept(GroupShard.refusal(request, unavailable()));
            return;
        }
        waiting.put(reply, request);
        carryOut(open.handle(reply, request, loop().nowMs()));
    }

    void ask(GroupCoordinator.Question question) {
        GroupShard<Consumer<GroupReply>> open = open();
        if (open == null) {
            question.read(null, unavailable()).run();
            return;
        }
        Runnable answer = question.read(open, GroupError.NONE);
        partition.whenCommitted(
                appendedEnd,
                outcome -> {
                    if (outcome == Commit.COMMITTED) {
                        answer.run();
                    } else {
                        question.read(null, unavailable()).run();
                    }
                });
    }

    void tick() {
        if (shard != null) {
            carryOut(shard.tick(loop().nowMs()));
        }
    }

    void expireOffsets() {
        if (shard != null) {
            carryOut(shard.expireOffsets(loop().nowMs()));
        }
    }

    void topicDeleted(String topic) {
        if (shard != null) {
            carryOut(shard.topicDeleted(topic, loop().nowMs()));
        }
    }

    GroupError unavailable() {
        return partition.isDeleted()
                ? GroupError.NOT_COORDINATOR
                : GroupError.COORDINATOR_NOT_AVAILABLE;
    }

    private void carryOut(Output<Consumer<GroupReply>> output) {
        if (output.records().isEmpty()) {
            send(output);
            return;
        }
        long end;
        try {
            end = append(output);
        } catch (StorageException e) {
            LOG.warn("A group's change could not be stored: {}", e.getMessage());
            startAgain(output);
            return;
        }
        partition.whenCommitted(
                end,
                outcome -> {
                    if (outcome == Commit.COMMITTED) {
                        send(output);
                    } else {
                        startAgain(output);
                    }
                });
    }

    private long append(Output<Consumer<GroupReply>> output) {
        long nowMs = loop().nowMs();
        var builder = new BatchBuilder();
        for (GroupRecord record : output.records()) {
            if (builder.bytesSoFar() > BATCH_BYTES) {
                append(builder.build());
                builder = new BatchBuilder();
            }
            var value = record.value();
            builder.add(
                    nowMs, record.key().toByteArray(), value == null ? null : value.toByteArray());
        }
        return append(builder.build());
    }

    private long append(ByteBuffer batch) {
        return switch (partition.append(batch, Origin.COORDINATOR)) {
            case AppendResult.Appended done -> {
                appendedEnd = done.lastOffset() + 1;
                yield appendedEnd;
            }
            case AppendResult.Duplicate earlier -> earlier.lastOffset() + 1;
            case AppendResult.Refused refused ->
                    throw new StorageException(
                            java.nio.file.Path.of(partition.id().folder()),
                            refused.message(),
                            null);
        };
    }

    private void send(Output<Consumer<GroupReply>> output) {
        for (Output.Reply<Consumer<GroupReply>> reply : output.replies()) {
            // Who was refused when the shard started again has its answer.
            if (waiting.remove(reply.request()) != null) {
                reply.request().accept(reply.reply());
            }
        }
    }

    /** Fails everybody who waits, and forgets what was not stored. */
    private void startAgain(Output<Consumer<GroupReply>> failed) {
        shard = null;
        failed.replies().forEach(reply -> refuse(reply.request()));
        for (Consumer<GroupReply> reply : Map.copyOf(waiting).keySet()) {
            refuse(reply);
        }
    }

    private void refuse(Consumer<GroupReply> reply) {
        GroupRequest request = waiting.remove(reply);
        if (request != null) {
            reply.accept(GroupShard.refusal(request, unavailable()));
        }
    }

    @Nullable GroupShard<Consumer<GroupReply>> open() {
        if (partition.isDeleted() || partition.isOffline()) {
            return null;
        }
        if (shard == null) {
            try {
                shard = load();
            } catch (StorageException | InvalidProtocolBufferException e) {
                LOG.error("The groups of {} cannot be read: {}", partition.id(), e.getMessage());
            }
        }
        return shard;
    }

    private GroupShard<Consumer<GroupReply>> load() throws InvalidProtocolBufferException {
        var loaded = new GroupShard<Consumer<GroupReply>>(limits);
        PartitionLog log = partition.log();
        var view = new RecordBatchView();
        long offset = log.logStartOffset();
        while (offset < log.logEndOffset()) {
            LogSlice slice = partition.read(offset, log.logEndOffset(), READ_BYTES, true);
            ByteBuffer bytes = slice.read();
            slice.release();
            int position = 0;
            while (bytes.limit() - position >= RecordBatchView.HEADER_BYTES
                    && view.wrap(bytes, position).sizeBytes() <= bytes.limit() - position) {
                replay(loaded, view);
                offset = view.lastOffset() + 1;
                position += view.sizeBytes();
            }
            if (position == 0) {
                break;
            }
        }
        appendedEnd = offset;
        return loaded;
    }

    private void replay(GroupShard<Consumer<GroupReply>> loaded, RecordBatchView batch)
            throws InvalidProtocolBufferException {
        try (var cursor = new RecordCursor(batch)) {
            for (RecordView record = cursor.next(); record != null; record = cursor.next()) {
                ByteBuffer key = record.key();
                if (key != null) {
                    loaded.replay(GroupRecord.read(key, record.value()), loop().nowMs());
                }
            }
        }
    }
}
