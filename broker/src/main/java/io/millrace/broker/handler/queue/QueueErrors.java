package io.millrace.broker.handler.queue;

import io.millrace.broker.queue.model.QueueError;
import org.apache.kafka.common.protocol.Errors;

/** What queues say, in Kafka's error codes. */
public final class QueueErrors {
    private QueueErrors() {}

    /** The code for those who fetch and acknowledge. */
    public static Errors of(QueueError error) {
        return switch (error) {
            case NONE -> Errors.NONE;
            case INVALID_RECORD_STATE -> Errors.INVALID_RECORD_STATE;
            case INVALID_REQUEST -> Errors.INVALID_REQUEST;
            case NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE -> Errors.NOT_LEADER_OR_FOLLOWER;
            case NOT_INITIALIZED -> Errors.INVALID_RECORD_STATE;
        };
    }

    /**
     * The code, for those who fetch, of what the group's coordinator says: consumers of a partition
     * know no coordinator, and look again if it is the leader that fails.
     */
    public static Errors ofMembership(Errors error) {
        return switch (error) {
            case NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE -> Errors.NOT_LEADER_OR_FOLLOWER;
            default -> error;
        };
    }

    /** The same, for those who ask a coordinator. */
    static Errors ofCoordinator(QueueError error) {
        return switch (error) {
            case NOT_COORDINATOR -> Errors.NOT_COORDINATOR;
            case COORDINATOR_NOT_AVAILABLE -> Errors.COORDINATOR_NOT_AVAILABLE;
            default -> of(error);
        };
    }
}
