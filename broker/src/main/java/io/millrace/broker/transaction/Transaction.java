package io.millrace.broker.transaction;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A transactional id: its producer, and its transaction, open or decided. Mutable; belongs to its
 * shard.
 *
 * @param <T> what a caller knows its requests by
 */
final class Transaction<T> {
    static final long NO_TIME = -1;
    static final short NO_EPOCH = -1;

    /** The last epoch that a client may have; one more is kept for fencing it. */
    static final short LAST_EPOCH = Short.MAX_VALUE - 1;

    private final String id;
    private final SortedSet<Participant> participants = new TreeSet<>();
    private final Set<Participant> untold = new HashSet<>();
    private final Set<Participant> beingTold = new HashSet<>();
    private final Deque<Parked<T>> parked = new ArrayDeque<>(0);
    private Stored stored;
    private long tellAgainMs;
    private boolean heldUp;
    private long connection;

    /** A request that waits until every participant has been told. */
    record Parked<T>(T request, TransactionRequest asked, long sinceMs) {}

    /**
     * What the log keeps, less the participants.
     *
     * @param last the identity before the one in force, if its owner may not know yet that it has
     *     changed
     * @param nextId the producer's id once the markers are written; {@link
     *     TransactionRequest#NO_ID} if it stays
     * @param epochRaised whether the markers have a newer epoch than the records
     */
    record Stored(
            TransactionState state,
            ProducerIdentity producer,
            ProducerIdentity last,
            long nextId,
            int timeoutMs,
            long startMs,
            long updatedMs,
            boolean epochRaised) {
        Stored in(TransactionState changed, long nowMs) {
            return new Stored(
                    changed, producer, last, nextId, timeoutMs, startMs, nowMs, epochRaised);
        }

        Stored as(ProducerIdentity now, ProducerIdentity before) {
            return new Stored(
                    state, now, before, nextId, timeoutMs, startMs, updatedMs, epochRaised);
        }

        Stored since(long beginMs) {
            return new Stored(
                    state, producer, last, nextId, timeoutMs, beginMs, updatedMs, epochRaised);
        }

        Stored within(int changedTimeoutMs) {
            return new Stored(
                    state,
                    producer,
                    last,
                    nextId,
                    changedTimeoutMs,
                    startMs,
                    updatedMs,
                    epochRaised);
        }

        Stored ending(boolean raised, long idAfterwards) {
            return new Stored(
                    state, producer, last, idAfterwards, timeoutMs, startMs, updatedMs, raised);
        }
    }

    Transaction(String id, Stored stored) {
        this.id = id;
        this.stored = stored;
    }

    String id() {
        return id;
    }

    Stored stored() {
        return stored;
    }

    void store(Stored changed) {
        stored = changed;
    }

    TransactionState state() {
        return stored.state();
    }

    ProducerIdentity producer() {
        return stored.producer();
    }

    short epoch() {
        return stored.producer().epoch();
    }

    int timeoutMs() {
        return stored.timeoutMs();
    }

    long startMs() {
        return stored.startMs();
    }

    boolean isEpochExhausted() {
        return epoch() >= LAST_EPOCH;
    }

    /** The partitions that take part, in order. */
    SortedSet<Participant> participants() {
        return Collections.unmodifiableSortedSet(participants);
    }

    boolean add(Participant participant) {
        return participants.add(participant);
    }

    void clearParticipants() {
        participants.clear();
    }

    /** Everybody has to be told of the decision. */
    void startTelling() {
        untold.clear();
        beingTold.clear();
        untold.addAll(participants);
        heldUp = false;
    }

    /** Those who are to be told now; they count as being told. */
    Set<Participant> takeUntold() {
        var now = new TreeSet<>(untold);
        now.removeAll(beingTold);
        beingTold.addAll(now);
        return now;
    }

    /** One was told; whether that was the last. */
    boolean told(Participant participant) {
        beingTold.remove(participant);
        return untold.remove(participant) && untold.isEmpty();
    }

    /** One could not be told; it is tried again. */
    void notTold(Participant participant, long againMs) {
        beingTold.remove(participant);
        tellAgainMs = againMs;
        heldUp = true;
    }

    /** Whether somebody could not be told at once. */
    boolean isHeldUp() {
        return heldUp;
    }

    /** Whether somebody has to be told again. */
    boolean isTellingDue(long nowMs) {
        return untold.size() > beingTold.size() && nowMs >= tellAgainMs;
    }

    Deque<Parked<T>> parked() {
        return parked;
    }

    /** Whether the client has spoken over a newer connection since this one was made. */
    boolean isLate(long askedOver) {
        return askedOver != TransactionRequest.ANY_CONNECTION && askedOver < connection;
    }

    /** Notes over which connection the client speaks. */
    void heard(long askedOver) {
        connection = Math.max(connection, askedOver);
    }

    /** A new session of the producer: its requests may come over any connection again. */
    void forgetConnection() {
        connection = TransactionRequest.ANY_CONNECTION;
    }
}
