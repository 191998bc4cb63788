package io.millrace.broker.transaction;

import io.millrace.broker.proto.TransactionPhase;

/** Where a transaction is. */
public enum TransactionState {
    EMPTY("Empty", TransactionPhase.TRANSACTION_PHASE_EMPTY),
    ONGOING("Ongoing", TransactionPhase.TRANSACTION_PHASE_ONGOING),
    PREPARE_COMMIT("PrepareCommit", TransactionPhase.TRANSACTION_PHASE_PREPARE_COMMIT),
    PREPARE_ABORT("PrepareAbort", TransactionPhase.TRANSACTION_PHASE_PREPARE_ABORT),
    COMPLETE_COMMIT("CompleteCommit", TransactionPhase.TRANSACTION_PHASE_COMPLETE_COMMIT),
    COMPLETE_ABORT("CompleteAbort", TransactionPhase.TRANSACTION_PHASE_COMPLETE_ABORT);

    private final String kafkaName;
    private final TransactionPhase phase;

    TransactionState(String kafkaName, TransactionPhase phase) {
        this.kafkaName = kafkaName;
        this.phase = phase;
    }

    /** The name in Kafka's protocol. */
    public String kafkaName() {
        return kafkaName;
    }

    TransactionPhase phase() {
        return phase;
    }

    /**
     * The state that is stored so.
     *
     * @throws IllegalArgumentException if none is
     */
    static TransactionState of(TransactionPhase phase) {
        for (TransactionState state : values()) {
            if (state.phase == phase) {
                return state;
            }
        }
        throw new IllegalArgumentException("no transaction is in the phase " + phase);
    }

    /** Decided, and not everybody has been told. */
    boolean isPrepared() {
        return this == PREPARE_COMMIT || this == PREPARE_ABORT;
    }

    /** Decided for this: prepared or complete. */
    boolean isDecided(boolean commit) {
        return commit
                ? this == PREPARE_COMMIT || this == COMPLETE_COMMIT
                : this == PREPARE_ABORT || this == COMPLETE_ABORT;
    }

    static TransactionState prepared(boolean commit) {
        return commit ? PREPARE_COMMIT : PREPARE_ABORT;
    }

    static TransactionState complete(boolean commit) {
        return commit ? COMPLETE_COMMIT : COMPLETE_ABORT;
    }
}
