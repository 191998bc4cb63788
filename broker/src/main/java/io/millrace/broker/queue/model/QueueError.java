package io.millrace.broker.queue.model;

/** Why something was refused. Named as Kafka's error codes are, but for the last. */
public enum QueueError {
    NONE,
    INVALID_RECORD_STATE,
    INVALID_REQUEST,
    NOT_COORDINATOR,
    COORDINATOR_NOT_AVAILABLE,
    /** Nothing is known of the share partition yet: where it starts has to be told first. */
    NOT_INITIALIZED
}
