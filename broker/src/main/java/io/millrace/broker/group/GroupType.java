package io.millrace.broker.group;

/** The kinds of groups, with Kafka's names for them. */
public enum GroupType {
    /** Members agree among themselves: join, sync, heartbeat. Or offsets without members. */
    CLASSIC("classic"),
    /** The coordinator assigns, and each member follows at its own pace (KIP-848). */
    CONSUMER("consumer"),
    /** Members share partitions, and acknowledge records one by one (KIP-932). */
    SHARE("share"),
    /** Members process tasks of a topology (KIP-1071). */
    STREAMS("streams");

    private final String kafkaName;

    GroupType(String kafkaName) {
        this.kafkaName = kafkaName;
    }

    public String kafkaName() {
        return kafkaName;
    }
}
