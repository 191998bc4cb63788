package io.millrace.broker.transaction;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.broker.shard.Machine;
import io.millrace.broker.shard.StoredRecord;
import io.millrace.broker.transaction.Transaction.Parked;
import io.millrace.broker.transaction.Transaction.Stored;
import io.millrace.broker.transaction.TransactionReply.Identified;
import io.millrace.broker.transaction.TransactionReply.NeedsProducerId;
import io.millrace.broker.transaction.TransactionReply.Plain;
import io.millrace.broker.transaction.TransactionRequest.Add;
import io.millrace.broker.transaction.TransactionRequest.End;
import io.millrace.broker.transaction.TransactionRequest.Initialize;
import io.millrace.broker.transaction.TransactionRequest.Verify;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All transactional ids of one partition of {@code __transaction_state}. A transaction is decided
 * by one record; then every partition in it is told, again and again until it has answered, and
 * only when all have does the next transaction begin. So a partition is never told of a transaction
 * while a later one of the same producer is open.
 *
 * @param <T> what a caller knows its requests by
 */
public final class TransactionShard<T>
        implements Machine<T, TransactionRequest, TransactionReply, WriteMarkers> {
    private static final int MOST_PARKED = 16;
    private static final long PARKED_MS = 5_000;

    /** What a partition asks is answered soon: what others ask waits behind the answer. */
    private static final long PARTITION_PARKED_MS = 100;

    private static final long TELL_AGAIN_MS = 100;

    private final TransactionLimits limits;
    private final Map<String, Transaction<T>> transactions = new HashMap<>();

    /** Those that time changes: open or prepared. */
    private final Map<String, Transaction<T>> restless = new HashMap<>();

    public TransactionShard(TransactionLimits limits) {
        this.limits = limits;
    }

    /** Handles one request. */
    @Override
    public TransactionStep<T> handle(T request, TransactionRequest asked, long nowMs) {
        var out = new TransactionStep<T>();
        answer(request, asked, out, nowMs);
        return out;
    }

    private void answer(T request, TransactionRequest asked, TransactionStep<T> out, long nowMs) {
        Transaction<T> transaction = transactions.get(asked.transactionalId());
        TransactionReply reply =
                transaction == null
                        ? begin(asked, out, nowMs)
                        : step(transaction, asked, out, nowMs);
        if (reply != null) {
            out.reply(request, reply);
        } else if (transaction != null && mayPark(transaction, asked)) {
            transaction.parked().add(new Parked<>(request, asked, nowMs));
        } else {
            out.reply(request, refusal(asked, TransactionError.CONCURRENT_TRANSACTIONS));
        }
        if (transaction != null) {
            note(transaction);
        }
    }

    private static boolean mayPark(Transaction<?> transaction, TransactionRequest asked) {
        return transaction.parked().size() < MOST_PARKED
                && !(isOfAPartition(asked) && transaction.isHeldUp());
    }

    private static boolean isOfAPartition(TransactionRequest asked) {
        return asked instanceof Add add && add.connection() == TransactionRequest.ANY_CONNECTION;
    }

    private void note(Transaction<T> transaction) {
        boolean moves =
                transaction.state() == TransactionState.ONGOING
                        || transaction.state().isPrepared()
                        || !transaction.parked().isEmpty();
        if (moves) {
            restless.put(transaction.id(), transaction);
        } else {
            restless.remove(transaction.id());
        }
    }

    /** The reply that tells of an error, in the form that the request expects. */
    public static TransactionReply refusal(TransactionRequest asked, TransactionError error) {
        return switch (asked) {
            case Initialize _, End _ -> new Identified(error, ProducerIdentity.NONE);
            case Add _, Verify _ -> new Plain(error);
        };
    }

    /** A request for an id that is not known: only a session can begin there. */
    private TransactionReply begin(TransactionRequest asked, TransactionStep<T> out, long nowMs) {
        if (!(asked instanceof Initialize initialize)) {
            return refusal(asked, TransactionError.INVALID_PRODUCER_ID_MAPPING);
        }
        if (!isTimeoutLegal(initialize)) {
            return refusal(asked, TransactionError.INVALID_TRANSACTION_TIMEOUT);
        }
        if (initialize.freshId() == TransactionRequest.NO_ID) {
            return new NeedsProducerId();
        }
        var producer = new ProducerIdentity(initialize.freshId(), (short) 0);
        var transaction =
                new Transaction<T>(
                        asked.transactionalId(),
                        new Stored(
                                TransactionState.EMPTY,
                                producer,
                                ProducerIdentity.NONE,
                                TransactionRequest.NO_ID,
                                initialize.timeoutMs(),
                                Transaction.NO_TIME,
                                nowMs,
                                false));
        transactions.put(asked.transactionalId(), transaction);
        out.store(TransactionRecords.of(transaction));
        return new Identified(TransactionError.NONE, producer);
    }

    private boolean isTimeoutLegal(Initialize asked) {
        return asked.timeoutMs() > 0 && asked.timeoutMs() <= limits.maxTimeoutMs();
    }

    /** Null: the request has to wait until everybody is told of what is decided. */
    private @Nullable TransactionReply step(
            Transaction<T> transaction,
            TransactionRequest asked,
            TransactionStep<T> out,
            long nowMs) {
        var transition = new Transition<>(transaction, out, nowMs);
        return switch (asked) {
            case Initialize initialize -> initialize(transaction, transition, initialize);
            case Add add -> add(transaction, transition, add);
            case Verify verify -> verify(transaction, verify);
            case End end -> new Ending<>(transaction, transition).handle(end);
        };
    }

    private @Nullable TransactionReply initialize(
            Transaction<T> transaction, Transition<T> transition, Initialize asked) {
        if (!isTimeoutLegal(asked)) {
            return refusal(asked, TransactionError.INVALID_TRANSACTION_TIMEOUT);
        }
        return transaction.state().isPrepared()
                ? null
                : new Initialization<>(transaction, transition).handle(asked);
    }

    private static <T> @Nullable TransactionReply add(
            Transaction<T> transaction, Transition<T> transition, Add asked) {
        TransactionError error = check(transaction, asked.producer());
        if (error == TransactionError.NONE && transaction.isLate(asked.connection())) {
            error = TransactionError.CONCURRENT_TRANSACTIONS;
        }
        if (error != TransactionError.NONE) {
            return new Plain(error);
        }
        transaction.heard(asked.connection());
        if (transaction.state().isPrepared()) {
            return null;
        }
        boolean known =
                asked.participants().isEmpty()
                        || transaction.state() == TransactionState.ONGOING
                                && transaction.participants().containsAll(asked.participants());
        if (!known) {
            transition.add(asked.participants());
        }
        return new Plain(TransactionError.NONE);
    }

    private static TransactionReply verify(Transaction<?> transaction, Verify asked) {
        TransactionError error = check(transaction, asked.producer());
        if (error == TransactionError.NONE && transaction.state().isPrepared()) {
            error = TransactionError.CONCURRENT_TRANSACTIONS;
        }
        boolean partOfIt =
                transaction.state() == TransactionState.ONGOING
                        && transaction.participants().contains(asked.participant());
        if (error == TransactionError.NONE && !partOfIt) {
            error = TransactionError.TRANSACTION_ABORTABLE;
        }
        return new Plain(error);
    }

    private static TransactionError check(Transaction<?> transaction, ProducerIdentity client) {
        if (client.id() != transaction.producer().id()) {
            return TransactionError.INVALID_PRODUCER_ID_MAPPING;
        }
        return client.epoch() == transaction.epoch()
                ? TransactionError.NONE
                : TransactionError.PRODUCER_FENCED;
    }

    /** A partition has answered to its marker. */
    public TransactionStep<T> answered(MarkerAnswer answer, long nowMs) {
        var out = new TransactionStep<T>();
        Transaction<T> transaction = transactions.get(answer.transactionalId());
        if (transaction == null || !awaits(transaction, answer)) {
            return out;
        }
        if (!answer.done()) {
            transaction.notTold(answer.participant(), nowMs + TELL_AGAIN_MS);
        } else if (transaction.told(answer.participant())) {
            new Transition<>(transaction, out, nowMs).complete();
            resume(transaction, out, nowMs);
        }
        return out;
    }

    private static boolean awaits(Transaction<?> transaction, MarkerAnswer answer) {
        return transaction.state().isPrepared() && transaction.producer().equals(answer.producer());
    }

    /** Handles again what had to wait. */
    private void resume(Transaction<T> transaction, TransactionStep<T> out, long nowMs) {
        var waiting = List.copyOf(transaction.parked());
        transaction.parked().clear();
        waiting.forEach(each -> answer(each.request(), each.asked(), out, nowMs));
        note(transaction);
    }

    /**
     * Ends what has timed out, tells again who could not be told, and lets nobody wait for long.
     */
    @Override
    public TransactionStep<T> tick(long nowMs) {
        var out = new TransactionStep<T>();
        for (Transaction<T> transaction : List.copyOf(restless.values())) {
            var transition = new Transition<>(transaction, out, nowMs);
            if (hasTimedOut(transaction, nowMs)) {
                transition.fence();
            }
            if (transaction.state().isPrepared() && transaction.isTellingDue(nowMs)) {
                transition.tell();
            }
            release(transaction, out, nowMs);
            note(transaction);
        }
        return out;
    }

    private static boolean hasTimedOut(Transaction<?> transaction, long nowMs) {
        return transaction.state() == TransactionState.ONGOING
                && nowMs - transaction.startMs() > transaction.timeoutMs();
    }

    private static <T> void release(
            Transaction<T> transaction, TransactionStep<T> out, long nowMs) {
        transaction
                .parked()
                .removeIf(each -> {
                    long mostMs = isOfAPartition(each.asked()) ? PARTITION_PARKED_MS : PARKED_MS;
                    boolean isOver = nowMs - each.sinceMs() > mostMs;
                    if (isOver) {
                        TransactionReply busy =
                                refusal(each.asked(), TransactionError.CONCURRENT_TRANSACTIONS);
                        out.reply(each.request(), busy);
                    }
                    return isOver;
                });
    }

    /** Forgets ids that nobody has used for long ({@code transactional.id.expiration.ms}). */
    public TransactionStep<T> expire(long nowMs) {
        var out = new TransactionStep<T>();
        transactions
                .values()
                .removeIf(transaction -> {
                    boolean expired =
                            !restless.containsKey(transaction.id())
                                    && nowMs - transaction.stored().updatedMs()
                                            >= limits.expirationMs();
                    if (expired) {
                        out.store(TransactionRecords.gone(transaction.id()));
                    }
                    return expired;
                });
        return out;
    }

    /** What there is to say of an id; null if it is not known. */
    public @Nullable TransactionDescription describe(String id) {
        Transaction<T> transaction = transactions.get(id);
        return transaction == null ? null : TransactionDescription.of(transaction);
    }

    /** Every id, in no order. */
    public List<TransactionDescription> list() {
        var listed = new ArrayList<TransactionDescription>(transactions.size());
        transactions.values().forEach(each -> listed.add(TransactionDescription.of(each)));
        return listed;
    }

    @Override
    public void replay(StoredRecord record, long nowMs) throws InvalidProtocolBufferException {
        String id = TransactionRecords.idOf(record);
        ByteString value = record.value();
        if (value == null) {
            transactions.remove(id);
            restless.remove(id);
        } else {
            Transaction<T> transaction = TransactionRecords.read(id, value);
            transactions.put(id, transaction);
            note(transaction);
        }
    }

    /** What was decided before the crash is told again: partitions know what they have heard. */
    @Override
    public TransactionStep<T> loaded(long nowMs) {
        var out = new TransactionStep<T>();
        for (Transaction<T> transaction : List.copyOf(restless.values())) {
            if (transaction.state().isPrepared()) {
                transaction.startTelling();
                new Transition<>(transaction, out, nowMs).tell();
            }
        }
        return out;
    }
}
