package io.millrace.broker.group;

/** Which ways groups with members may move between protocols. */
public enum MigrationPolicy {
    DISABLED(false, false),
    UPGRADE(true, false),
    DOWNGRADE(false, true),
    BIDIRECTIONAL(true, true);

    private final boolean toConsumer;
    private final boolean toClassic;

    MigrationPolicy(boolean toConsumer, boolean toClassic) {
        this.toConsumer = toConsumer;
        this.toClassic = toClassic;
    }

    /** Whether a consumer that joins a classic group takes the group along. */
    public boolean allowsUpgrade() {
        return toConsumer;
    }

    /** Whether a consumer group whose last consumer leaves becomes a classic group. */
    public boolean allowsDowngrade() {
        return toClassic;
    }
}
