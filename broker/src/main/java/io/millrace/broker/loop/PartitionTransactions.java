package io.millrace.broker.loop;

import io.millrace.storage.LogTransactions;
import io.millrace.storage.StorageException;
import io.millrace.storage.producer.TransactionEnd;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends transactions in a partition. Refused at once where too few replicas are in sync for a marker
 * to be committed: the coordinator's other markers would wait behind the answer. On its loop.
 */
record PartitionTransactions(Partition partition) {
    private static final Logger LOG = LoggerFactory.getLogger(PartitionTransactions.class);

    void end(TransactionEnd end, Consumer<TransactionEnding> then) {
        TransactionEnding outcome = end(end);
        if (outcome != TransactionEnding.ENDED) {
            then.accept(outcome);
            return;
        }
        partition.whenCommitted(
                partition.log().logEndOffset(),
                commit ->
                        then.accept(
                                switch (commit) {
                                    case COMMITTED -> TransactionEnding.ENDED;
                                    case OFFLINE, NOT_LEADER -> TransactionEnding.UNAVAILABLE;
                                    case DELETED -> TransactionEnding.GONE;
                                }));
    }

    private TransactionEnding end(TransactionEnd end) {
        if (partition.isDeleted()) {
            return TransactionEnding.GONE;
        }
        if (partition.isOffline() || !partition.isLed() || partition.isUnderMinimum()) {
            return TransactionEnding.UNAVAILABLE;
        }
        try {
            LogTransactions.Ending ending =
                    partition
                            .log()
                            .transactions()
                            .end(end, partition.leaderEpoch(), partition.loop().nowMs());
            partition.appended();
            return switch (ending) {
                case ENDED -> TransactionEnding.ENDED;
                case STALE_EPOCH -> TransactionEnding.STALE_EPOCH;
                case STALE_COORDINATOR -> TransactionEnding.STALE_COORDINATOR;
                case NOT_STORED -> TransactionEnding.UNAVAILABLE;
            };
        } catch (StorageException e) {
            LOG.error("A transaction could not be ended in {}: {}", partition.id(), e.getMessage());
            return TransactionEnding.UNAVAILABLE;
        }
    }
}
