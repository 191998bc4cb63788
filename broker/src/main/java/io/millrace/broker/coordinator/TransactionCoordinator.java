package io.millrace.broker.coordinator;

import io.millrace.broker.loop.PartitionDirectory;
import io.millrace.broker.loop.TransactionEnding;
import io.millrace.broker.transaction.Participant;
import io.millrace.broker.transaction.TransactionDescription;
import io.millrace.broker.transaction.TransactionError;
import io.millrace.broker.transaction.TransactionLimits;
import io.millrace.broker.transaction.TransactionReply;
import io.millrace.broker.transaction.TransactionRequest;
import io.millrace.broker.transaction.TransactionShard;
import io.millrace.broker.transaction.WriteMarkers;
import io.millrace.storage.producer.TransactionEnd;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Finds the shard of a transactional id and sends requests to it. Thread-safe. */
public final class TransactionCoordinator {
    private final Shards<
                    TransactionShard<Consumer<TransactionReply>>,
                    TransactionRequest,
                    TransactionReply,
                    WriteMarkers>
            shards;
    private final TransactionKind kind;

    /**
     * @param remote tells partitions that other brokers lead
     * @param topic the topic that keeps transactions, {@code __transaction_state}
     */
    public TransactionCoordinator(
            PartitionDirectory directory,
            GroupCoordinator groups,
            RemotePartitions remote,
            TransactionLimits limits,
            String topic) {
        kind = new TransactionKind(directory, groups, remote, limits);
        shards = new Shards<>(directory, kind, topic);
    }

    /** Handles a request; the reply comes on the loop of the id's shard. */
    public void handle(TransactionRequest request, Consumer<TransactionReply> reply) {
        shards.handle(request.transactionalId(), request, reply);
    }

    /**
     * What there is to say of an id, once that is committed; null if it is not known, or cannot be
     * told for the error.
     */
    public void describe(
            String id, BiConsumer<@Nullable TransactionDescription, TransactionError> then) {
        shards.ask(
                id,
                (shard, why) -> {
                    if (shard == null) {
                        return () -> then.accept(null, TransactionKind.error(why));
                    }
                    TransactionDescription found = shard.describe(id);
                    return () -> then.accept(found, TransactionError.NONE);
                });
    }

    /**
     * Every id of every shard as it is now; the error is that of a shard that could not be read.
     */
    public void list(BiConsumer<List<TransactionDescription>, TransactionError> then) {
        shards.gather(
                TransactionShard::list,
                (all, why) ->
                        then.accept(
                                all,
                                why == null ? TransactionError.NONE : TransactionKind.error(why)));
    }

    /** Ends a transaction in one place, as an administrator or another broker asks. */
    public void end(Participant participant, TransactionEnd end, Consumer<TransactionEnding> then) {
        kind.end(participant, end, then);
    }

    /** The partition that keeps a transactional id; -1 if there is none yet. */
    public int shardOf(String transactionalId) {
        return shards.indexOf(transactionalId);
    }

    /** Opens every shard, so that what was decided before a crash is told. */
    public void loadAll() {
        shards.loadAll();
    }

    /** Does what time asks for in every shard that is open; from any thread. */
    public void tick() {
        shards.tick();
    }

    /** Forgets ids that nobody has used for long; from any thread. */
    public void expire() {
        shards.applyToAll(TransactionShard::expire);
    }
}
