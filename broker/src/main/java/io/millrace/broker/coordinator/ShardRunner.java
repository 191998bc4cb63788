package io.millrace.broker.coordinator;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.broker.loop.CommitWaiter.Commit;
import io.millrace.broker.loop.OwnerLoop;
import io.millrace.broker.loop.Partition;
import io.millrace.broker.shard.Machine;
import io.millrace.broker.shard.Step;
import io.millrace.broker.shard.StoredRecord;
import io.millrace.broker.shard.Unavailable;
import io.millrace.storage.PartitionLog.AppendResult;
import io.millrace.storage.PartitionLog.Origin;
import io.millrace.storage.StorageException;
import io.millrace.storage.batch.BatchBuilder;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one shard on its partition's loop: appends what it wants stored, then sends its replies and
 * carries out its effects when that, and all before it, is committed. What cannot be stored did not
 * happen: the shard is read again from the log.
 *
 * @param <S> the machine
 * @param <Q> its requests
 * @param <R> its replies
 * @param <E> its effects
 */
public final class ShardRunner<S extends Machine<Consumer<R>, Q, R, E>, Q, R, E> {
    private static final Logger LOG = LoggerFactory.getLogger(ShardRunner.class);
    private static final int LOAD_STEP_BYTES = 256 * 1024;
    private static final int BATCH_BYTES = 512 * 1024;

    private final Partition partition;
    private final ShardKind<S, Q, R, E> kind;
    private final Map<Consumer<R>, Q> waiting = new HashMap<>();
    private final List<BiFunction<S, Long, ? extends Step<Consumer<R>, R, E>>> deferred =
            new ArrayList<>();
    private @Nullable S shard;
    private @Nullable ShardLoad<S> loading;

    /** Exclusive end of the records that the shard's state comes from. */
    private long appendedEnd;

    /** In which this broker led the partition when it began to read it. */
    private int epoch;

    /** How often it has begun to read it. */
    private int readings;

    ShardRunner(Partition partition, ShardKind<S, Q, R, E> kind) {
        this.partition = partition;
        this.kind = kind;
    }

    /** The partition that keeps the shard; from any thread. */
    public Partition partition() {
        return partition;
    }

    /** Who runs it; from any thread. */
    public OwnerLoop loop() {
        return partition.loop();
    }

    /** Handles a request. On the shard's loop, as is the reply. */
    public void handle(Q request, Consumer<R> reply) {
        S open = open();
        if (open == null) {
            reply.accept(kind.refusal(request, unavailable()));
            return;
        }
        waiting.put(reply, request);
        carryOut(open.handle(reply, request, loop().nowMs()));
    }

    /** Asks something. On the shard's loop. */
    public void ask(Question<S> question) {
        S open = open();
        if (open == null) {
            question.read(null, unavailable()).run();
            return;
        }
        Runnable answer = question.read(open, Unavailable.COORDINATOR_NOT_AVAILABLE);
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

    /**
     * Takes a step that no client asked for, if the shard is open, or once it is if it is being
     * read. On the shard's loop.
     */
    public void apply(BiFunction<S, Long, ? extends Step<Consumer<R>, R, E>> step) {
        resignIfOver();
        S open = shard;
        if (open != null) {
            carryOut(step.apply(open, loop().nowMs()));
        } else if (loading != null) {
            deferred.add(step);
        }
    }

    /** The reading of the log that the machine is from. On the shard's loop. */
    int reading() {
        return readings;
    }

    /**
     * Takes a step that a machine has asked for, unless the log has been read again since: what the
     * earlier machine knew may be of the past. On the shard's loop.
     */
    void applyTo(int reading, BiFunction<S, Long, ? extends Step<Consumer<R>, R, E>> step) {
        resignIfOver();
        S open = shard;
        if (open != null && reading == readings) {
            carryOut(step.apply(open, loop().nowMs()));
        }
    }

    /** Does what time asks for, if the shard is open. On the shard's loop. */
    void tick() {
        resignIfOver();
        S open = shard;
        if (open != null) {
            carryOut(open.tick(loop().nowMs()));
        }
    }

    /** Why there is no shard. */
    public Unavailable unavailable() {
        if (partition.isDeleted() || !partition.isLed()) {
            return Unavailable.NOT_COORDINATOR;
        }
        return loading == null
                ? Unavailable.COORDINATOR_NOT_AVAILABLE
                : Unavailable.COORDINATOR_LOAD_IN_PROGRESS;
    }

    private void carryOut(Step<Consumer<R>, R, E> step) {
        try {
            append(step.allRecords());
        } catch (StorageException e) {
            LOG.warn("A change of {} could not be stored: {}", partition.id(), e.getMessage());
            startAgain(step);
            return;
        }
        partition.whenCommitted(
                appendedEnd,
                outcome -> {
                    if (outcome == Commit.COMMITTED) {
                        complete(step);
                    } else {
                        startAgain(step);
                    }
                });
    }

    private void append(Iterator<StoredRecord> records) {
        if (!records.hasNext()) {
            return;
        }
        long nowMs = loop().nowMs();
        var builder = new BatchBuilder();
        while (records.hasNext()) {
            StoredRecord record = records.next();
            if (builder.bytesSoFar() > BATCH_BYTES) {
                append(builder.build());
                builder = new BatchBuilder();
            }
            var value = record.value();
            builder.add(
                    nowMs, record.key().toByteArray(), value == null ? null : value.toByteArray());
        }
        append(builder.build());
    }

    private void append(ByteBuffer batch) {
        appendedEnd =
                switch (partition.append(batch, Origin.COORDINATOR)) {
                    case AppendResult.Appended done -> done.lastOffset() + 1;
                    case AppendResult.Duplicate earlier -> earlier.lastOffset() + 1;
                    case AppendResult.Refused refused ->
                            throw new StorageException(
                                    java.nio.file.Path.of(partition.id().folder()),
                                    refused.message(),
                                    null);
                };
    }

    private void complete(Step<Consumer<R>, R, E> step) {
        for (Step.Reply<Consumer<R>, R> reply : step.replies()) {
            // Who was refused when the shard started again has its answer.
            if (waiting.remove(reply.request()) != null) {
                reply.request().accept(reply.reply());
            }
        }
        step.effects().forEach(effect -> kind.perform(this, effect));
    }

    /** Fails everybody who waits, and forgets what was not stored. */
    private void startAgain(Step<Consumer<R>, R, E> failed) {
        close();
        failed.replies().forEach(reply -> refuse(reply.request()));
        refuseAll();
    }

    private void close() {
        S open = shard;
        if (open != null) {
            shard = null;
            kind.dropped(open);
        }
    }

    private void refuseAll() {
        for (Consumer<R> reply : Map.copyOf(waiting).keySet()) {
            refuse(reply);
        }
    }

    private void refuse(Consumer<R> reply) {
        Q request = waiting.remove(reply);
        if (request != null) {
            reply.accept(kind.refusal(request, unavailable()));
        }
    }

    /**
     * The machine; null if it cannot be read, or is being read now. Begins to read it if nobody
     * has. On the shard's loop.
     */
    public @Nullable S open() {
        if (partition.isDeleted() || partition.isOffline()) {
            return null;
        }
        resignIfOver();
        if (!partition.isLed()) {
            return null;
        }
        if (shard == null && loading == null) {
            beginLoad();
        }
        return shard;
    }

    /** Another broker led the partition since: what it has written is not known here. */
    private void resignIfOver() {
        boolean over = !partition.isLed() || partition.leaderEpoch() != epoch;
        if (over && (shard != null || loading != null)) {
            close();
            dropLoad();
            refuseAll();
        }
    }

    private void beginLoad() {
        epoch = partition.leaderEpoch();
        readings++;
        try {
            var load = new ShardLoad<>(partition, kind.create(), LOAD_STEP_BYTES);
            loading = load;
            continueLoad(load);
        } catch (StorageException e) {
            loadFailed(e);
        }
    }

    /** One step, and the next one when the loop has done what else it has to do. */
    private void continueLoad(ShardLoad<S> load) {
        resignIfOver();
        if (load != loading) {
            return;
        }
        if (partition.isDeleted() || partition.isOffline()) {
            dropLoad();
            return;
        }
        try {
            if (load.step()) {
                loaded(load);
            } else {
                loop().schedule(() -> continueLoad(load), 0);
            }
        } catch (StorageException | InvalidProtocolBufferException e) {
            loadFailed(e);
        }
    }

    private void loaded(ShardLoad<S> load) {
        S machine = load.machine();
        shard = machine;
        appendedEnd = load.endOffset();
        var steps = List.copyOf(deferred);
        endLoad();
        carryOut(machine.loaded(loop().nowMs()));
        steps.forEach(this::apply);
    }

    private void loadFailed(Exception why) {
        LOG.error("The state in {} cannot be read: {}", partition.id(), why.getMessage());
        dropLoad();
    }

    private void dropLoad() {
        ShardLoad<S> dropped = loading;
        endLoad();
        if (dropped != null) {
            kind.dropped(dropped.machine());
        }
    }

    private void endLoad() {
        loading = null;
        deferred.clear();
    }
}
