package io.millrace.bench.torture;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.bench.history.Checker;
import io.millrace.bench.history.Operation.Outcome;
import io.millrace.bench.history.Operation.Read;
import io.millrace.bench.history.Operation.Step;
import io.millrace.bench.history.Place;
import io.millrace.bench.lab.client.Guarantee;
import io.millrace.bench.lab.client.Guarantee.Producing;
import io.millrace.bench.lab.client.Journal.Kind;
import io.millrace.bench.lab.client.Judged;
import io.millrace.bench.lab.client.Row;
import io.millrace.bench.torture.plan.NodeFault;
import io.millrace.bench.torture.plan.Strike;
import io.millrace.bench.torture.plan.TorturePlan;
import io.millrace.bench.torture.verdict.Complaints.Complaint;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A run holds only if nothing that was planted is in it. */
final class VerdictTest {
    private final Row row = row("eos");

    private static Row row(String id) {
        return Load.rows("nowhere:1", Load.guarantees()).stream()
                .filter(row -> row.guarantee().id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private void note(Kind kind, long value) {
        row.journal().note("c", kind, value, Row.partitionOf(value));
    }

    private Verdict verdict(List<String> problems) {
        var judged = new Judged(row, row.tally(), Checker.check(row.journal().history()));
        return new Verdict(
                List.of(judged),
                List.of(),
                problems,
                Map.of(1, List.of(new Complaint("[ERROR] bytes are corrupt", 1))));
    }

    @Test
    void whatIsDeliveredOnceHolds() {
        note(Kind.ACKNOWLEDGED, 3);
        note(Kind.DELIVERED, 3);

        assertThat(verdict(List.of()).holds()).isTrue();
    }

    @Test
    void aLostRecordDoesNot() {
        note(Kind.ACKNOWLEDGED, 3);

        assertThat(verdict(List.of()).holds()).isFalse();
    }

    @Test
    void aRecordOfAnAbortedTransactionDoesNot() {
        var place = new Place(row.topic(), 0);
        row.operation("p", 1, Outcome.FAILED, List.of(new Step.Sent(place, 3, 0)));
        row.operation(
                "c",
                2,
                Outcome.OK,
                List.of(new Step.Polled(Map.of(place, List.of(new Read(0, 3))))));

        assertThat(verdict(List.of()).holds()).isFalse();
    }

    @Test
    void replicasThatDifferDoNot() {
        assertThat(verdict(List.of("replicas of t-0: the batches at offset 3 differ")).holds())
                .isFalse();
    }

    @Test
    void everyRowPromisesThatNothingIsLost() {
        assertThat(Load.rows("nowhere:1", Load.guarantees()))
                .extracting(one -> one.guarantee().id())
                .containsExactly(
                        "alo-idempotent",
                        "alo-epoch",
                        "alo-queue",
                        "alo-txn-queue",
                        "eos",
                        "eos-epoch");
    }

    @Test
    void outagesAreCountedByFaultForWhatStandsStillThen() {
        Row records = row("alo-idempotent");
        records.journal().note("p", Kind.ACKNOWLEDGED, 0, 0);
        var judged = new Judged(records, records.tally(), List.of());
        Strike strike = new TorturePlan(Set.of(NodeFault.KILL), 3, 1).next();
        var struck = List.of(new Struck(strike, 10_000, 12_000, ""));

        assertThat(
                        Series.outages(List.of(judged), struck, Producing.TRANSACTIONAL)
                                .get(NodeFault.KILL))
                .extracting(spread -> spread.maxMs())
                .isEqualTo(0L);
        assertThat(
                        Series.outages(List.of(judged), struck, Producing.IDEMPOTENT)
                                .get(NodeFault.KILL))
                .extracting(spread -> spread.maxMs() >= 12_000)
                .isEqualTo(true);
    }

    @Test
    void guaranteesThatLoseRecordsAreNotAmongThem() {
        assertThat(Load.rows("nowhere:1", Load.guarantees()))
                .extracting(Row::guarantee)
                .noneMatch(Guarantee::cache)
                .noneMatch(one -> one.producing() == Producing.NO_ANSWER);
    }
}
