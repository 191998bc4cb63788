package io.millrace.broker.handler.transaction;

import io.millrace.broker.loop.TransactionEnding;
import io.millrace.broker.transaction.TransactionError;
import org.apache.kafka.common.protocol.Errors;

/** What the coordinator and partitions say of transactions, in Kafka's error codes. Stateless. */
public final class TransactionErrors {
    private TransactionErrors() {}

    /** The code of the same name. */
    public static Errors of(TransactionError error) {
        return Errors.valueOf(error.name());
    }

    /**
     * What a client is told that writes to a partition or a group, and not to the coordinator.
     *
     * @param busy what makes such a client try again
     * @param knowsAbortable whether it knows of TRANSACTION_ABORTABLE (KIP-890)
     */
    public static Errors toWriter(TransactionError error, Errors busy, boolean knowsAbortable) {
        return switch (error) {
            case CONCURRENT_TRANSACTIONS,
                    COORDINATOR_NOT_AVAILABLE,
                    COORDINATOR_LOAD_IN_PROGRESS,
                    NOT_COORDINATOR ->
                    busy;
            case PRODUCER_FENCED -> Errors.INVALID_PRODUCER_EPOCH;
            case TRANSACTION_ABORTABLE ->
                    knowsAbortable ? Errors.TRANSACTION_ABORTABLE : Errors.INVALID_TXN_STATE;
            case NONE,
                    INVALID_PRODUCER_ID_MAPPING,
                    INVALID_TRANSACTION_TIMEOUT,
                    INVALID_TXN_STATE ->
                    of(error);
        };
    }

    /** The code of a marker's outcome. */
    static Errors of(TransactionEnding ending) {
        return switch (ending) {
            case ENDED -> Errors.NONE;
            case GONE -> Errors.UNKNOWN_TOPIC_OR_PARTITION;
            case STALE_EPOCH -> Errors.INVALID_PRODUCER_EPOCH;
            case STALE_COORDINATOR -> Errors.TRANSACTION_COORDINATOR_FENCED;
            case UNAVAILABLE -> Errors.KAFKA_STORAGE_ERROR;
        };
    }
}
