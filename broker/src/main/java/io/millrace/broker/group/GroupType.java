package io.millrace.broker.group;

/** The kinds of groups, with Kafka's names for them. */
public enum GroupType {
    /** Members agree among themselves: join, sync, heartbeat. Or offsets without members. */
    CLASSIC("classic");

    private final String kafkaName;

    GroupType(String kafkaName) {
        this.kafkaName = kafkaName;
    }

    public String kafkaName() {
        return kafkaName;
    }
}
