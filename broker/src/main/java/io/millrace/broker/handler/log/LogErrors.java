package io.millrace.broker.handler.log;

import io.millrace.broker.loop.CommitWaiter.Commit;
import io.millrace.broker.loop.Partition;
import io.millrace.cluster.replication.LeaderReplica;
import io.millrace.storage.CorruptRangeException;
import io.millrace.storage.OffsetOutOfRangeException;
import io.millrace.storage.PartitionLog.Refusal;
import io.millrace.storage.StorageException;
import org.apache.kafka.common.protocol.Errors;

/** What storage says, in Kafka's error codes. */
public final class LogErrors {
    private LogErrors() {}

    /** The code of a refused append. Those of the disk are retriable: it may recover. */
    public static Errors of(Refusal refusal) {
        return switch (refusal) {
            case CORRUPT -> Errors.CORRUPT_MESSAGE;
            case INVALID_RECORD -> Errors.INVALID_RECORD;
            case TOO_LARGE -> Errors.MESSAGE_TOO_LARGE;
            case INVALID_TIMESTAMP -> Errors.INVALID_TIMESTAMP;
            case OUT_OF_ORDER_SEQUENCE -> Errors.OUT_OF_ORDER_SEQUENCE_NUMBER;
            case NOT_IN_TRANSACTION -> Errors.INVALID_TXN_STATE;
            case INVALID_PRODUCER_EPOCH -> Errors.INVALID_PRODUCER_EPOCH;
            case DISK_FULL, TOO_MANY_FILES, OFFLINE -> Errors.KAFKA_STORAGE_ERROR;
        };
    }

    /** The code of a wait that has ended. */
    public static Errors of(Commit outcome) {
        return switch (outcome) {
            case COMMITTED -> Errors.NONE;
            case OFFLINE -> Errors.KAFKA_STORAGE_ERROR;
            case DELETED -> Errors.UNKNOWN_TOPIC_OR_PARTITION;
            case NOT_LEADER -> Errors.NOT_LEADER_OR_FOLLOWER;
        };
    }

    /** The code of a failure to read or write. */
    public static Errors of(StorageException failure) {
        return switch (failure) {
            case OffsetOutOfRangeException outOfRange -> Errors.OFFSET_OUT_OF_RANGE;
            case CorruptRangeException corrupt -> Errors.CORRUPT_MESSAGE;
            default -> Errors.KAFKA_STORAGE_ERROR;
        };
    }

    /** What keeps a partition from being used here; NONE if nothing does. */
    public static Errors availability(Partition partition) {
        if (partition.isDeleted()) {
            return Errors.UNKNOWN_TOPIC_OR_PARTITION;
        }
        if (partition.isOffline()) {
            return Errors.KAFKA_STORAGE_ERROR;
        }
        return partition.isLed() ? Errors.NONE : Errors.NOT_LEADER_OR_FOLLOWER;
    }

    /**
     * What keeps an open log's leader from telling where it ends; NONE if nothing does. A new one
     * may not know yet of all that was acknowledged, and an end must not go back (KIP-207).
     */
    public static Errors endAvailability(Partition partition) {
        LeaderReplica leads = partition.leading();
        return leads == null || leads.knowsWhatWasCommitted()
                ? Errors.NONE
                : Errors.OFFSET_NOT_AVAILABLE;
    }

    /** What keeps a partition from being read by consumers here, where it may be followed too. */
    public static Errors readability(Partition partition) {
        Errors error = availability(partition);
        return error == Errors.NOT_LEADER_OR_FOLLOWER && partition.isHosted() ? Errors.NONE : error;
    }

    /**
     * Compares the leader epoch that a client knows with the partition's (KIP-320).
     *
     * @param clientEpoch -1 if the client knows none
     */
    public static Errors epoch(Partition partition, int clientEpoch) {
        if (clientEpoch < 0 || clientEpoch == partition.leaderEpoch()) {
            return Errors.NONE;
        }
        return clientEpoch < partition.leaderEpoch()
                ? Errors.FENCED_LEADER_EPOCH
                : Errors.UNKNOWN_LEADER_EPOCH;
    }
}
