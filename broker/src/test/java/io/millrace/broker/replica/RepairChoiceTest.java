package io.millrace.broker.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.replica.RepairChoice.Next;
import io.millrace.cluster.metadata.PartitionImage;
import io.millrace.cluster.replication.Terms;
import io.millrace.storage.plan.Quarantine;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class RepairChoiceTest {
    private static final Quarantine.Range EARLY = new Quarantine.Range(0, 100, 200, 10, 20);
    private static final Quarantine.Range LATE = new Quarantine.Range(0, 300, 400, 30, 40);
    private static final int LEADER = 1;

    /** Node 1 leads, of 1, 2 and 3. */
    private static Terms terms() {
        return Terms.of(PartitionImage.created(0, List.of(1, 2, 3)), 2);
    }

    private static Optional<Next> next(RepairChoice choice, long nowMs) {
        return choice.next(terms(), List.of(EARLY, LATE), 100, nowMs);
    }

    @Test
    void aFollowerAsksItsLeaderFirst() {
        assertThat(next(new RepairChoice(2), 0)).contains(new Next(EARLY, LEADER));
    }

    @Test
    void aLeaderAsksThoseInSync() {
        assertThat(next(new RepairChoice(LEADER), 0)).contains(new Next(EARLY, 2));
    }

    @Test
    void whoeverIsAloneAsksNobody() {
        Terms alone = Terms.of(PartitionImage.created(0, List.of(1)), 1);

        assertThat(new RepairChoice(1).next(alone, List.of(EARLY), 100, 0)).isEmpty();
    }

    @Test
    void onlyWhatIsCommittedIsFetched() {
        var choice = new RepairChoice(2);

        assertThat(choice.next(terms(), List.of(EARLY, LATE), 19, 0)).isEmpty();
        assertThat(choice.next(terms(), List.of(LATE, EARLY), 20, 0))
                .contains(new Next(EARLY, LEADER));
    }

    @Test
    void oneIsUnderWayAtATimeAndTheNextBeginsWhenItIsDone() {
        var choice = new RepairChoice(2);
        choice.begun();

        assertThat(next(choice, 0)).isEmpty();
        choice.done();
        assertThat(next(choice, 0)).isPresent();
    }

    @Test
    void aFailureIsFollowedByARest() {
        var choice = new RepairChoice(2);
        choice.begun();
        choice.failed(1_000);

        assertThat(next(choice, 1_000 + RepairChoice.REST_MS - 1)).isEmpty();
        assertThat(next(choice, 1_000 + RepairChoice.REST_MS)).contains(new Next(LATE, LEADER));
    }

    /** Else a node that has the range would be asked for what is beside it only. */
    @Test
    void whoeverLacksWhatIsBesideARangeIsAskedForTheRange() {
        var choice = new RepairChoice(2);
        choice.begun();
        choice.failedBeside(1_000);

        assertThat(next(choice, 1_000 + RepairChoice.REST_MS - 1)).isEmpty();
        assertThat(next(choice, 1_000 + RepairChoice.REST_MS)).contains(new Next(EARLY, LEADER));
    }

    @Test
    void whatTheLogHasNoRepairForDoesNotHoldUpTheOthers() {
        var choice = new RepairChoice(2);
        choice.passed();

        assertThat(next(choice, 0)).contains(new Next(LATE, LEADER));
    }

    @Test
    void everyRangeIsAskedOfEverybodyInTurn() {
        var choice = new RepairChoice(2);
        var asked = new HashSet<Next>();

        for (int i = 0; i < 4; i++) {
            asked.add(next(choice, i * RepairChoice.REST_MS).orElseThrow());
            choice.begun();
            choice.failed(i * RepairChoice.REST_MS);
        }

        assertThat(asked)
                .containsExactlyInAnyOrder(
                        new Next(EARLY, 1),
                        new Next(LATE, 1),
                        new Next(EARLY, 3),
                        new Next(LATE, 3));
    }
}
