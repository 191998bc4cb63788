package io.millrace.broker.group;

import io.millrace.storage.producer.TransactionEnd;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What members and administrators ask of a group. */
public sealed interface GroupRequest
        permits ConsumerHeartbeat,
                ShareHeartbeat,
                StreamsHeartbeat,
                GroupRequest.Join,
                GroupRequest.Sync,
                GroupRequest.Heartbeat,
                GroupRequest.Leave,
                GroupRequest.Commit,
                GroupRequest.DeleteOffsets,
                GroupRequest.Delete,
                GroupRequest.Enlist,
                GroupRequest.TransactionalCommit,
                GroupRequest.EndTransaction,
                GroupRequest.BeginShare {
    String group();

    /** A protocol that a member can follow, in the order in which it prefers them. */
    record Protocol(String name, ByteBuffer metadata) {}

    /**
     * @param memberId empty if the member has none yet
     * @param freshMemberId the id that a new member gets, random
     * @param idRequired whether a new member must come again with its id (KIP-394)
     * @param skipsAssignment whether the client knows of KIP-814
     */
    record Join(
            String group,
            String memberId,
            @Nullable String instanceId,
            String freshMemberId,
            Client client,
            Timeouts timeouts,
            String protocolType,
            List<Protocol> protocols,
            boolean idRequired,
            boolean skipsAssignment)
            implements GroupRequest {}

    /** A share group comes to be without members, if there is none of that name (KIP-932). */
    record BeginShare(String group) implements GroupRequest {}

    /** Who a member is, for descriptions. */
    record Client(String id, String host) {}

    /** How long a member may be silent, and how long it may take to join again; milliseconds. */
    record Timeouts(int sessionMs, int rebalanceMs) {}

    /** A member that claims its place in a generation. */
    record Claim(int generation, String memberId, @Nullable String instanceId) {}

    /**
     * @param protocolType null if the client does not say
     * @param assignments by member id; of the leader only
     */
    record Sync(
            String group,
            Claim claim,
            @Nullable String protocolType,
            @Nullable String protocolName,
            Map<String, ByteBuffer> assignments)
            implements GroupRequest {}

    record Heartbeat(String group, Claim claim) implements GroupRequest {}

    record Leave(String group, List<Leaver> leavers) implements GroupRequest {}

    /**
     * @param memberId empty if a static member is named by its instance only
     */
    record Leaver(String memberId, @Nullable String instanceId) {}

    /**
     * @param byEpoch whether the client knows of member epochs (KIP-848) and so of groups that are
     *     not there
     */
    record Commit(String group, Claim claim, boolean byEpoch, List<Offset> offsets)
            implements GroupRequest {}

    /**
     * @param leaderEpoch -1 if not known
     * @param retentionMs how long it is to be kept (versions 2 to 4); -1 as the broker has it
     * @param topicId of the topic; null if not known
     */
    record Offset(
            String topic,
            int partition,
            long offset,
            int leaderEpoch,
            String metadata,
            long retentionMs,
            @Nullable UUID topicId) {
        static final long BROKERS_RETENTION = -1;

        public Offset(String topic, int partition, long offset, int leaderEpoch, String metadata) {
            this(topic, partition, offset, leaderEpoch, metadata, BROKERS_RETENTION, null);
        }

        /** The same, to be kept so long. */
        public Offset keptFor(long otherRetentionMs) {
            return new Offset(
                    topic, partition, offset, leaderEpoch, metadata, otherRetentionMs, topicId);
        }

        /** The same, of the topic that has this id. */
        public Offset of(UUID id) {
            return new Offset(topic, partition, offset, leaderEpoch, metadata, retentionMs, id);
        }

        /** What there is when it is committed now, as the next in order. */
        public CommittedOffset committed(long order, long nowMs) {
            return new CommittedOffset(
                    offset,
                    leaderEpoch,
                    metadata,
                    order,
                    nowMs,
                    retentionMs == BROKERS_RETENTION
                            ? CommittedOffset.BY_THE_BROKER
                            : nowMs + retentionMs,
                    topicId);
        }
    }

    record DeleteOffsets(String group, List<Place> places) implements GroupRequest {}

    /** A partition that offsets are of. */
    record Place(String topic, int partition) implements Comparable<Place> {
        /** An order lets a hash map find its way among keys that were made to collide. */
        @Override
        public int compareTo(Place other) {
            int byTopic = topic.compareTo(other.topic);
            return byTopic != 0 ? byTopic : Integer.compare(partition, other.partition);
        }
    }

    record Delete(String group) implements GroupRequest {}

    /**
     * Asks to be let commit in a transaction, before the coordinator is asked (KIP-890).
     *
     * @param connection number of the client's connection, rising with time: a request that comes
     *     over an older one than the last is late
     */
    record Enlist(String group, long producerId, short producerEpoch, long connection)
            implements GroupRequest {}

    /**
     * Commits offsets with a transaction.
     *
     * @param number what the answer to {@link Enlist} has named
     * @param byEpoch whether the client knows of member epochs (KIP-848)
     */
    record TransactionalCommit(
            String group,
            Claim claim,
            long producerId,
            short producerEpoch,
            long number,
            boolean byEpoch,
            List<Offset> offsets)
            implements GroupRequest {}

    /** A transaction has ended; it may have had offsets of any group here. */
    record EndTransaction(TransactionEnd end) implements GroupRequest {
        @Override
        public String group() {
            return "";
        }
    }
}
