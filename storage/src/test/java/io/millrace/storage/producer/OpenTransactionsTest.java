package io.millrace.storage.producer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class OpenTransactionsTest {
    private final ProducerStates states = new ProducerStates();

    private static ProducerBatch batch(int epoch, int sequence, long offset) {
        return new ProducerBatch(1, (short) epoch, sequence, sequence, offset, offset, 10, true);
    }

    private static TransactionEnd end(int epoch, int coordinator, boolean raises) {
        return new TransactionEnd(1, (short) epoch, coordinator, false, raises);
    }

    private void write(ProducerBatch batch) {
        var verification = new Verification(states.beginVerification(batch), true);
        assertThat(states.check(batch, verification)).isInstanceOf(Decision.Fresh.class);
        states.applied(batch);
    }

    @Test
    void theFirstBatchOfATransactionHasToBeVerifiedAndTheOthersNot() {
        assertThat(states.needsVerification(batch(0, 0, 5))).isTrue();
        assertThat(states.check(batch(0, 0, 5), null))
                .isInstanceOf(Decision.NotInTransaction.class);

        write(batch(0, 0, 5));

        assertThat(states.needsVerification(batch(0, 1, 6))).isFalse();
        assertThat(states.check(batch(0, 1, 6), null)).isInstanceOf(Decision.Fresh.class);
    }

    @Test
    void anEndMakesAVerificationThatIsUnderWayWorthless() {
        ProducerBatch late = batch(0, 0, 5);
        var verification = new Verification(states.beginVerification(late), false);

        assertThat(states.decide(end(1, 0, true), 10)).isEqualTo(EndDecision.NOTHING_OPEN);

        assertThat(states.check(late, verification)).isInstanceOf(Decision.Fenced.class);
        var again = new Verification(states.beginVerification(batch(1, 0, 5)), false);
        states.decide(end(1, 0, false), 10);
        assertThat(states.check(batch(1, 0, 5), again))
                .isInstanceOf(Decision.NotInTransaction.class);
    }

    /** Found by the simulation of transactions, seed 32: the first batch could never be stored. */
    @Test
    void aBatchDoesNotTakeThePlaceOfAnEarlierOneThatWasRefusedForNow() {
        ProducerBatch first = batch(0, 0, 5);
        ProducerBatch second = batch(0, 1, 5);
        states.verificationFailed(first, states.beginVerification(first));

        var early = new Verification(states.beginVerification(second), false);
        assertThat(states.check(second, early)).isInstanceOf(Decision.OutOfOrder.class);

        var again = new Verification(states.beginVerification(first), false);
        assertThat(states.check(first, again)).isInstanceOf(Decision.Fresh.class);
        states.applied(first);
        assertThat(states.check(batch(0, 1, 6), null)).isInstanceOf(Decision.Fresh.class);
    }

    @Test
    void whereNothingIsKnownOfAProducerItsFirstBatchMayHaveAnySequence() {
        var verification = new Verification(states.beginVerification(batch(0, 7, 5)), false);

        assertThat(states.check(batch(0, 7, 5), verification)).isInstanceOf(Decision.Fresh.class);
    }

    @Test
    void batchesOfTheNextTransactionWaitThroughTheEndOfTheOneBefore() {
        write(batch(0, 0, 5));
        assertThat(states.needsVerification(batch(1, 0, 6))).isTrue();
        assertThat(states.needsVerification(batch(1, 1, 7))).isTrue();
        var verification = new Verification(states.beginVerification(batch(1, 0, 6)), true);

        states.decide(end(1, 0, true), 10);
        states.ended(end(1, 0, true), 6, 10);

        assertThat(states.check(batch(1, 0, 7), verification)).isInstanceOf(Decision.Fresh.class);
        states.applied(batch(1, 0, 7));
        assertThat(states.check(batch(1, 1, 8), verification)).isInstanceOf(Decision.Fresh.class);
    }

    @Test
    void anEndOfTheTransactionBeforeIsStale() {
        write(batch(0, 0, 5));
        assertThat(states.decide(end(1, 0, true), 10)).isEqualTo(EndDecision.WRITE);
        states.ended(end(1, 0, true), 6, 10);
        write(batch(1, 0, 7));

        assertThat(states.decide(end(1, 0, true), 10)).isEqualTo(EndDecision.STALE_EPOCH);
        assertThat(states.decide(end(0, 0, false), 10)).isEqualTo(EndDecision.STALE_EPOCH);
    }

    @Test
    void anOlderCoordinatorIsNotObeyedEvenWhereNothingWasOpen() {
        assertThat(states.decide(end(0, 3, false), 10)).isEqualTo(EndDecision.NOTHING_OPEN);
        write(batch(0, 0, 5));

        assertThat(states.decide(end(0, 2, false), 10)).isEqualTo(EndDecision.STALE_COORDINATOR);
    }

    @Test
    void theStableOffsetWaitsForTheMarkerToBeCommitted() {
        write(batch(0, 0, 5));
        assertThat(states.firstUnstableOffset(6)).isEqualTo(5);
        states.decide(end(1, 0, true), 10);

        AbortedTransaction aborted = states.ended(end(1, 0, true), 6, 10);

        assertThat(aborted).isEqualTo(new AbortedTransaction(1, 5, 6, 7));
        assertThat(states.firstUnstableOffset(6)).isEqualTo(5);
        assertThat(states.firstUnstableOffset(7)).isEqualTo(7);
    }

    @Test
    void aBatchOutsideATransactionIsRefusedWhileOneIsOpen() {
        write(batch(0, 0, 5));
        var plain = new ProducerBatch(1, (short) 0, 1, 1, 6, 6, 10, false);

        assertThat(states.check(plain, null)).isInstanceOf(Decision.NotInTransaction.class);
    }

    @Test
    void anOpenTransactionOutlivesASnapshotAndIsNotForgotten() {
        write(batch(0, 0, 5));
        var restored = new ProducerStates();
        assertThat(restored.restore(states.snapshot())).isTrue();
        restored.expire(Long.MAX_VALUE, 1);

        assertThat(restored.firstUnstableOffset(100)).isEqualTo(5);
    }
}
