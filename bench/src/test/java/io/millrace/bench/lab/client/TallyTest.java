package io.millrace.bench.lab.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.bench.lab.client.Journal.Kind;
import io.millrace.bench.lab.client.Journal.Note;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What counts as lost, repeated, reordered and seen though aborted. */
final class TallyTest {
    private final List<Note> notes = new ArrayList<>();

    private TallyTest note(Kind kind, long... values) {
        for (long value : values) {
            notes.add(new Note(notes.size(), "c", kind, value, Row.partitionOf(value)));
        }
        return this;
    }

    @Test
    void whatWasAcknowledgedAndNotDeliveredIsLost() {
        note(Kind.SENT, 0, 3, 6).note(Kind.ACKNOWLEDGED, 0, 3).note(Kind.DELIVERED, 0);

        assertThat(Tally.of(notes, false).lost()).containsExactly(3L);
    }

    @Test
    void withoutAnswersAllThatWasSentIsOwed() {
        note(Kind.SENT, 0, 3, 6).note(Kind.DELIVERED, 0);

        assertThat(Tally.of(notes, true).lost()).containsExactly(3L, 6L);
    }

    @Test
    void whatWasAbortedIsNotOwed() {
        note(Kind.SENT, 0, 3).note(Kind.ABORTED, 3).note(Kind.DELIVERED, 0);

        assertThat(Tally.of(notes, true).lost()).isEmpty();
    }

    @Test
    void whatWasAbortedAndDeliveredIsSeen() {
        note(Kind.SENT, 0, 3).note(Kind.DELIVERED, 0, 3).note(Kind.ABORTED, 3);

        assertThat(Tally.of(notes, false).abortedSeen()).containsExactly(3L);
    }

    @Test
    void aRecordDeliveredTwiceIsOneDuplicate() {
        note(Kind.SENT, 0, 3).note(Kind.DELIVERED, 0, 3, 0, 3, 3);

        Tally tally = Tally.of(notes, false);

        assertThat(tally.duplicated()).containsExactly(0L, 3L);
        assertThat(tally.count(Column.DELIVERED)).isEqualTo(2);
    }

    @Test
    void repeatingIsNotReordering() {
        note(Kind.DELIVERED, 0, 3, 6, 3, 6, 9);

        assertThat(Tally.of(notes, false).reordered()).isEmpty();
    }

    @Test
    void partitionsHaveNoOrderBetweenThem() {
        note(Kind.DELIVERED, 3, 1, 6, 2, 4);

        assertThat(Tally.of(notes, false).reordered()).isEmpty();
    }

    @Test
    void whatComesAfterALaterOneIsReordered() {
        note(Kind.DELIVERED, 0, 6, 3, 9);

        assertThat(Tally.of(notes, false).reordered()).containsExactly(3L);
    }

    @Test
    void aGuaranteeIsBrokenWhereItsZeroIsNone() {
        note(Kind.ACKNOWLEDGED, 0).note(Kind.DELIVERED, 3, 3);
        Guarantee exactlyOnce =
                Guarantee.all(false).stream()
                        .filter(one -> one.id().equals("eos"))
                        .findFirst()
                        .orElseThrow();

        assertThat(Tally.of(notes, false).broken(exactlyOnce))
                .containsExactlyInAnyOrder(Column.LOST, Column.DUPLICATED);
    }
}
