package io.millrace.broker.shard;

/** Why a shard cannot take a request. Named as Kafka's error codes are. */
public enum Unavailable {
    NOT_COORDINATOR,
    COORDINATOR_NOT_AVAILABLE,
    COORDINATOR_LOAD_IN_PROGRESS
}
