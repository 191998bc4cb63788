package io.millrace.broker.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.broker.shard.StoredRecord;
import io.millrace.broker.transaction.TransactionReply.Identified;
import io.millrace.broker.transaction.TransactionReply.NeedsProducerId;
import io.millrace.broker.transaction.TransactionRequest.Add;
import io.millrace.broker.transaction.TransactionRequest.End;
import io.millrace.broker.transaction.TransactionRequest.Initialize;
import io.millrace.broker.transaction.TransactionRequest.Verify;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

final class TransactionShardTest {
    private static final Participant P0 = new Participant("t", 0);
    private static final Participant P1 = new Participant("t", 1);
    private static final TransactionLimits LIMITS = new TransactionLimits(60_000, 100_000);

    private final List<StoredRecord> log = new ArrayList<>();
    private final List<WriteMarkers> told = new ArrayList<>();
    private final List<TransactionReply> replies = new ArrayList<>();
    private TransactionShard<String> shard = new TransactionShard<>(LIMITS);
    private long nowMs = 1000;

    private void take(TransactionStep<String> step) {
        log.addAll(step.records());
        told.addAll(step.effects());
        step.replies().forEach(each -> replies.add(each.reply()));
    }

    private TransactionReply ask(TransactionRequest request) {
        replies.clear();
        take(shard.handle("r", request, nowMs));
        return replies.isEmpty() ? new NeedsProducerId() : replies.getFirst();
    }

    private ProducerIdentity initialize(ProducerIdentity known) {
        return identity(ask(new Initialize("x", 5000, known, 70)));
    }

    private ProducerIdentity initialize() {
        return initialize(ProducerIdentity.NONE);
    }

    private static ProducerIdentity identity(TransactionReply reply) {
        assertThat(reply.error()).isEqualTo(TransactionError.NONE);
        return ((Identified) reply).producer();
    }

    private TransactionError add(ProducerIdentity producer, Participant participant, long over) {
        return ask(new Add("x", producer, List.of(participant), over)).error();
    }

    private TransactionReply end(ProducerIdentity producer, boolean commit, boolean raises) {
        return ask(new End("x", producer, commit, raises, 9, TransactionRequest.NO_ID));
    }

    private void answerAll() {
        var waiting = List.copyOf(told);
        told.clear();
        for (WriteMarkers markers : waiting) {
            for (Participant each : markers.participants()) {
                take(shard.answered(new MarkerAnswer("x", markers.producer(), each, true), nowMs));
            }
        }
    }

    private TransactionState state() {
        return Objects.requireNonNull(shard.describe("x")).state();
    }

    @Test
    void aTransactionIsDecidedThenToldThenComplete() {
        ProducerIdentity producer = initialize();
        add(producer, P0, 9);
        add(producer, P1, 9);

        ProducerIdentity next = identity(end(producer, true, true));

        assertThat(next).isEqualTo(new ProducerIdentity(70, (short) 1));
        assertThat(state()).isEqualTo(TransactionState.PREPARE_COMMIT);
        assertThat(told).containsExactly(new WriteMarkers("x", next, true, true, List.of(P0, P1)));
        answerAll();
        assertThat(state()).isEqualTo(TransactionState.COMPLETE_COMMIT);
    }

    @Test
    void theNextTransactionBeginsWhenEverybodyHasBeenTold() {
        ProducerIdentity producer = initialize();
        add(producer, P0, 9);
        ProducerIdentity next = identity(end(producer, true, true));
        ask(new Add("x", next, List.of(P1), 9));
        assertThat(replies).isEmpty();

        answerAll();

        assertThat(replies.getLast().error()).isEqualTo(TransactionError.NONE);
        assertThat(state()).isEqualTo(TransactionState.ONGOING);
    }

    @Test
    void aPartitionThatAsksForTheNextTransactionIsNotKeptForLong() {
        ProducerIdentity next = tellingWith(P0);
        ask(new Add("x", next, List.of(P1), TransactionRequest.ANY_CONNECTION));
        assertThat(replies).isEmpty();

        take(shard.tick(nowMs + 101));

        assertThat(replies.getLast().error()).isEqualTo(TransactionError.CONCURRENT_TRANSACTIONS);
    }

    @Test
    void aPartitionThatAsksDoesNotWaitForOneThatCouldNotBeTold() {
        ProducerIdentity next = tellingWith(P0);
        take(shard.answered(new MarkerAnswer("x", next, P0, false), nowMs));

        assertThat(add(next, P1, TransactionRequest.ANY_CONNECTION))
                .isEqualTo(TransactionError.CONCURRENT_TRANSACTIONS);
        ask(new Add("x", next, List.of(P1), 9));
        assertThat(replies).isEmpty();
    }

    private ProducerIdentity tellingWith(Participant participant) {
        ProducerIdentity producer = initialize();
        add(producer, participant, 9);
        return identity(end(producer, true, true));
    }

    @Test
    void aDecisionAskedAgainIsAnsweredAndItsOppositeRefused() {
        ProducerIdentity producer = initialize();
        add(producer, P0, 9);
        ProducerIdentity next = identity(end(producer, true, true));
        answerAll();

        assertThat(identity(end(producer, true, true))).isEqualTo(next);
        assertThat(end(producer, false, true).error())
                .isEqualTo(TransactionError.INVALID_TXN_STATE);
    }

    @Test
    void aDecisionFromBeforeTheNextTransactionIsFenced() {
        ProducerIdentity producer = initialize();
        add(producer, P0, 9);
        ProducerIdentity next = identity(end(producer, true, true));
        answerAll();
        add(next, P0, 9);

        assertThat(end(producer, true, true).error()).isEqualTo(TransactionError.PRODUCER_FENCED);
        assertThat(state()).isEqualTo(TransactionState.ONGOING);
    }

    @Test
    void aDecisionThatComesLateOverAnOlderConnectionEndsNothing() {
        ProducerIdentity producer = initialize();
        add(producer, P0, 4);

        var late = ask(new End("x", producer, true, false, 3, TransactionRequest.NO_ID));

        assertThat(late.error()).isEqualTo(TransactionError.CONCURRENT_TRANSACTIONS);
        assertThat(add(producer, P1, 3)).isEqualTo(TransactionError.CONCURRENT_TRANSACTIONS);
        assertThat(state()).isEqualTo(TransactionState.ONGOING);
    }

    @Test
    void aNewSessionAbortsWhatIsOpenAndRaisesTheEpochTwice() {
        ProducerIdentity first = initialize();
        add(first, P0, 9);

        ask(new Initialize("x", 5000, ProducerIdentity.NONE, TransactionRequest.NO_ID));
        assertThat(told.getFirst().commit()).isFalse();
        answerAll();

        assertThat(identity(replies.getLast())).isEqualTo(new ProducerIdentity(70, (short) 2));
        assertThat(add(first, P0, 9)).isEqualTo(TransactionError.PRODUCER_FENCED);
    }

    @Test
    void aSessionAskedForAgainIsTheSame() {
        ProducerIdentity first = initialize();
        ProducerIdentity second = initialize(first);

        assertThat(initialize(first)).isEqualTo(second);
        assertThat(second.epoch()).isEqualTo((short) 1);
    }

    @Test
    void aStrangerCannotGoOnInAnothersPlaceNorDisturbIt() {
        ProducerIdentity producer = initialize(initialize());
        add(producer, P0, 9);
        var stale = new ProducerIdentity(70, (short) 0);

        var reply = ask(new Initialize("x", 5000, stale, TransactionRequest.NO_ID));

        assertThat(reply.error()).isEqualTo(TransactionError.PRODUCER_FENCED);
        assertThat(state()).isEqualTo(TransactionState.ONGOING);
    }

    @Test
    void aTransactionThatTimesOutIsAbortedInANewerEpoch() {
        ProducerIdentity producer = initialize();
        add(producer, P0, 9);
        nowMs += 5001;

        take(shard.tick(nowMs));

        assertThat(told.getFirst().producer().epoch()).isEqualTo((short) 1);
        assertThat(end(producer, true, true).error()).isEqualTo(TransactionError.PRODUCER_FENCED);
    }

    @Test
    void whoCouldNotBeToldIsToldAgain() {
        ProducerIdentity producer = initialize();
        add(producer, P0, 9);
        end(producer, true, false);
        told.clear();
        take(shard.answered(new MarkerAnswer("x", producer, P0, false), nowMs));

        take(shard.tick(nowMs + 1000));

        assertThat(told).hasSize(1);
        assertThat(told.getFirst().participants()).containsExactly(P0);
    }

    @Test
    void aDecisionSurvivesARestartAndIsToldAgain() throws InvalidProtocolBufferException {
        ProducerIdentity producer = initialize();
        add(producer, P0, 9);
        end(producer, true, true);
        told.clear();

        shard = new TransactionShard<>(LIMITS);
        for (StoredRecord record : log) {
            shard.replay(record, nowMs);
        }
        take(shard.loaded(nowMs));

        assertThat(told.getFirst().commit()).isTrue();
        assertThat(told.getFirst().raisesEpoch()).isTrue();
    }

    @Test
    void requestsThatSkipStepsAreRefused() {
        var unknown = new ProducerIdentity(5, (short) 0);
        assertThat(add(unknown, P0, 9)).isEqualTo(TransactionError.INVALID_PRODUCER_ID_MAPPING);
        ProducerIdentity producer = initialize();
        assertThat(add(unknown, P0, 9)).isEqualTo(TransactionError.INVALID_PRODUCER_ID_MAPPING);
        assertThat(end(producer, true, true).error()).isEqualTo(TransactionError.INVALID_TXN_STATE);
        assertThat(end(producer, true, false).error())
                .isEqualTo(TransactionError.INVALID_TXN_STATE);
        assertThat(ask(new Verify("x", producer, P0)).error())
                .isEqualTo(TransactionError.TRANSACTION_ABORTABLE);
        assertThat(ask(new Initialize("y", 0, ProducerIdentity.NONE, 1)).error())
                .isEqualTo(TransactionError.INVALID_TRANSACTION_TIMEOUT);
        assertThat(ask(new Initialize("y", 60_001, ProducerIdentity.NONE, 1)).error())
                .isEqualTo(TransactionError.INVALID_TRANSACTION_TIMEOUT);
    }

    @Test
    void anAbortOfNothingRaisesTheEpochWhereItRisesWithEach() {
        ProducerIdentity producer = initialize();

        assertThat(identity(end(producer, false, true)).epoch()).isEqualTo((short) 1);

        assertThat(state()).isEqualTo(TransactionState.COMPLETE_ABORT);
        assertThat(told).isEmpty();
    }

    @Test
    void idsThatNobodyUsesAreForgotten() {
        initialize();
        take(shard.expire(nowMs + 99_999));
        assertThat(shard.describe("x")).isNotNull();

        take(shard.expire(nowMs + 100_000));

        assertThat(shard.describe("x")).isNull();
        assertThat(log.getLast().value()).isNull();
    }
}
