package io.millrace.broker.group;

/** States of groups, with Kafka's names for them. */
public enum GroupState {
    /** No members; perhaps offsets. */
    EMPTY("Empty"),
    /** Waiting for all members to join again. */
    PREPARING_REBALANCE("PreparingRebalance"),
    /** All have joined; waiting for the leader's assignment. */
    COMPLETING_REBALANCE("CompletingRebalance"),
    /** Every member has its assignment. */
    STABLE("Stable"),
    /** Topics that the members need are not as they should be. */
    NOT_READY("NotReady"),
    /** The members have changed, and what each is to have is not worked out yet. */
    ASSIGNING("Assigning"),
    /** Members are on their way to what they are to have. */
    RECONCILING("Reconciling"),
    /** Gone. */
    DEAD("Dead");

    private final String kafkaName;

    GroupState(String kafkaName) {
        this.kafkaName = kafkaName;
    }

    public String kafkaName() {
        return kafkaName;
    }
}
