package io.millrace.broker.transaction;

/** What can be wrong with a request to the coordinator. Named as Kafka's error codes are. */
public enum TransactionError {
    NONE,
    COORDINATOR_NOT_AVAILABLE,
    NOT_COORDINATOR,
    COORDINATOR_LOAD_IN_PROGRESS,
    INVALID_PRODUCER_ID_MAPPING,
    INVALID_TRANSACTION_TIMEOUT,
    INVALID_TXN_STATE,
    PRODUCER_FENCED,
    CONCURRENT_TRANSACTIONS,
    TRANSACTION_ABORTABLE
}
