package io.millrace.bench.history;

import static io.millrace.bench.history.Histories.X;
import static io.millrace.bench.history.Histories.Y;
import static io.millrace.bench.history.Histories.assigned;
import static io.millrace.bench.history.Histories.committed;
import static io.millrace.bench.history.Histories.polled;
import static io.millrace.bench.history.Histories.resumed;
import static io.millrace.bench.history.Histories.sent;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A planted anomaly of each kind is found, and nothing where there is none. */
final class CheckerTest {
    private final Histories history = new Histories();

    @Test
    void aHistoryInOrderHasNoAnomalies() {
        history.ok("p", sent(X, 1, 0))
                .ok("p", sent(X, 2, 1), sent(Y, 3, 0))
                .failed("p", sent(X, 4, 2))
                .unknown("p", sent(X, 5, -1))
                .ok("p", sent(X, 6, 9))
                .ok("c", assigned(X, Y))
                .ok("c", polled(X, 0, 1, 1, 2))
                .ok("c", polled(Y, 0, 3))
                .ok("c", polled(X, 9, 6), committed(X, 10))
                .ok("d", resumed(X, 10));

        assertThat(history.anomalies()).isEmpty();
    }

    @Test
    void anAcknowledgedRecordThatReadersPassedIsLost() {
        history.ok("p", sent(X, 1, 0))
                .ok("p", sent(X, 2, 1))
                .ok("p", sent(X, 3, 2))
                .ok("c", assigned(X))
                .ok("c", polled(X, 0, 1))
                .ok("d", polled(X, 2, 3));

        assertThat(history.anomalies()).containsExactly("lost-write");
    }

    @Test
    void anAcknowledgedRecordThatNobodyCameToIsUnseen() {
        history.ok("p", sent(X, 1, 0)).ok("p", sent(X, 2, 1)).ok("c", polled(X, 0, 1));

        assertThat(history.anomalies()).containsExactly("unseen");
    }

    @Test
    void aRecordWithoutAnswerMayBeThereOrNot() {
        history.unknown("p", sent(X, 1, -1)).unknown("p", sent(X, 2, -1)).ok("c", polled(X, 0, 2));

        assertThat(history.anomalies()).isEmpty();
    }

    @Test
    void aRecordAtTwoOffsetsIsADuplicate() {
        history.ok("p", sent(X, 1, 0)).ok("c", polled(X, 0, 1)).ok("d", polled(X, 1, 1));

        assertThat(history.anomalies()).containsExactly("duplicate");
    }

    @Test
    void anOffsetWithTwoRecordsIsInconsistent() {
        history.unknown("p", sent(X, 1, -1))
                .unknown("q", sent(X, 2, -1))
                .ok("c", polled(X, 0, 1))
                .ok("d", polled(X, 0, 2));

        assertThat(history.anomalies()).containsExactly("inconsistent-offsets");
    }

    @Test
    void aRecordOfAnAbortedTransactionMustNotBeRead() {
        history.failed("p", sent(X, 1, 0)).ok("c", polled(X, 0, 1));

        assertThat(history.anomalies()).containsExactly("G1a");
    }

    @Test
    void aTransactionMustNotReadWhatItSent() {
        history.ok("p", sent(X, 1, 0), polled(X, 0, 1));

        assertThat(history.anomalies()).containsExactly("precommitted-read");
    }

    @Test
    void aPollThatPassesOverARecordSkips() {
        history.ok("p", sent(X, 1, 0), sent(X, 2, 1), sent(X, 3, 2))
                .ok("c", polled(X, 0, 1))
                .ok("c", polled(X, 2, 3))
                .ok("d", polled(X, 0, 1, 1, 2, 2, 3));

        assertThat(history.anomalies()).containsExactly("poll-skip");
    }

    @Test
    void aPollThatGoesBackIsNotMonotonic() {
        history.ok("p", sent(X, 1, 0), sent(X, 2, 1))
                .ok("c", polled(X, 0, 1, 1, 2))
                .ok("c", polled(X, 1, 2));

        assertThat(history.anomalies()).containsExactly("nonmonotonic-poll");
    }

    @Test
    void whoIsAssignedAnewMayBeginAnywhere() {
        history.ok("p", sent(X, 1, 0), sent(X, 2, 1))
                .ok("c", polled(X, 0, 1, 1, 2))
                .ok("c", assigned(Y))
                .ok("c", assigned(X))
                .ok("c", polled(X, 0, 1, 1, 2));

        assertThat(history.anomalies()).isEmpty();
    }

    @Test
    void whoKeepsAPartitionThroughAnAssignmentReadsOn() {
        history.ok("p", sent(X, 1, 0), sent(X, 2, 1))
                .ok("c", polled(X, 0, 1, 1, 2))
                .ok("c", assigned(X, Y))
                .ok("c", polled(X, 1, 2));

        assertThat(history.anomalies()).containsExactly("nonmonotonic-poll");
    }

    @Test
    void pollsWithinATransactionFollowTheLogToo() {
        history.ok("p", sent(X, 1, 0), sent(X, 2, 1), sent(X, 3, 2))
                .ok("c", polled(X, 0, 1), polled(X, 2, 3))
                .ok("d", polled(X, 0, 1, 1, 2), polled(X, 1, 2, 2, 3));

        assertThat(history.anomalies()).containsExactly("int-poll-skip", "int-nonmonotonic-poll");
    }

    @Test
    void sendsOfOneClientKeepTheirOrder() {
        history.ok("p", sent(X, 1, 1))
                .ok("p", sent(X, 2, 0))
                .ok("q", sent(Y, 3, 1), sent(Y, 4, 0))
                .ok("c", polled(X, 0, 2, 1, 1))
                .ok("c", polled(Y, 0, 4, 1, 3));

        assertThat(history.anomalies())
                .containsExactly("nonmonotonic-send", "int-nonmonotonic-send");
    }

    @Test
    void othersRecordsBetweenThoseOfATransactionAreAllowedByKafka() {
        history.ok("p", sent(X, 1, 0), sent(X, 3, 2))
                .ok("q", sent(X, 2, 1))
                .ok("c", polled(X, 0, 1, 1, 2, 2, 3));

        assertThat(Checker.check(history.history()))
                .isNotEmpty()
                .allMatch(anomaly -> anomaly.kind().allowed());
        assertThat(history.anomalies()).containsExactly("int-send-skip", "G0");
    }

    @Test
    void transactionsThatWroteAfterEachOtherAreACircle() {
        history.ok("p", sent(X, 1, 0), sent(Y, 2, 1))
                .ok("q", sent(X, 3, 1), sent(Y, 4, 0))
                .ok("c", polled(X, 0, 1, 1, 3))
                .ok("c", polled(Y, 0, 4, 1, 2));

        assertThat(history.anomalies()).containsExactly("G0");
    }

    @Test
    void transactionsThatReadFromEachOtherAreACircle() {
        history.ok("p", sent(X, 1, 0), polled(Y, 0, 2)).ok("q", sent(Y, 2, 0), polled(X, 0, 1));

        assertThat(history.anomalies()).containsExactly("G1c");
    }

    @Test
    void aGroupThatGoesOnBeforeItsStoredPositionHasLostACommit() {
        history.ok("p", sent(X, 1, 0), sent(X, 2, 1))
                .ok("c", resumed(X, 0))
                .ok("c", polled(X, 0, 1, 1, 2), committed(X, 2))
                .ok("d", resumed(X, 1));

        assertThat(history.anomalies()).containsExactly("lost-commit");
    }

    @Test
    void aPositionThatWasNotAcknowledgedMayBeLost() {
        history.ok("p", sent(X, 1, 0), sent(X, 2, 1))
                .ok("c", polled(X, 0, 1, 1, 2))
                .unknown("c", committed(X, 2))
                .ok("d", resumed(X, 1));

        assertThat(history.anomalies()).isEmpty();
    }

    @Test
    void everyKindHasAnExampleHere() {
        assertThat(
                        Arrays.stream(Anomaly.Kind.values())
                                .map(Anomaly.Kind::label)
                                .collect(Collectors.toSet()))
                .containsExactlyInAnyOrder(
                        "lost-write",
                        "unseen",
                        "duplicate",
                        "inconsistent-offsets",
                        "G1a",
                        "precommitted-read",
                        "poll-skip",
                        "nonmonotonic-poll",
                        "nonmonotonic-send",
                        "int-poll-skip",
                        "int-nonmonotonic-poll",
                        "int-send-skip",
                        "int-nonmonotonic-send",
                        "G0",
                        "G1c",
                        "lost-commit");
    }
}
