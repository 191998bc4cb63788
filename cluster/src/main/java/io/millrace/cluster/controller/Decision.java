package io.millrace.cluster.controller;

import io.millrace.cluster.proto.MetadataRecord;
import java.util.List;

/** What a command comes to: the records that carry it out, or why it is refused. */
public sealed interface Decision {
    /** The records to commit; none if nothing changes. */
    record Accepted(List<MetadataRecord> records) implements Decision {}

    /** Nothing changes. */
    record Refused(Reason reason, String message) implements Decision {}

    /** Why a command is refused, after Kafka's error codes. */
    enum Reason {
        TOPIC_EXISTS,
        UNKNOWN_TOPIC,
        UNKNOWN_TOPIC_ID,
        INVALID_TOPIC,
        INVALID_PARTITIONS,
        INVALID_REPLICATION_FACTOR,
        INVALID_REPLICA_ASSIGNMENT,
        INVALID_CONFIG,
        INVALID_REQUEST,
        UNKNOWN_NODE,
        DUPLICATE_NODE,
        STALE_NODE_EPOCH,
        FENCED_LEADER_EPOCH,
        INVALID_UPDATE_VERSION,
        INELIGIBLE_REPLICA,
        ELECTION_NOT_NEEDED,
        PREFERRED_LEADER_NOT_AVAILABLE,
        ELIGIBLE_LEADERS_NOT_AVAILABLE,
        NO_REASSIGNMENT_IN_PROGRESS
    }
}
