package io.millrace.bench.lab.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.bench.lab.client.Journal.Kind;
import io.millrace.bench.lab.client.Journal.Note;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When a row has kept its promise. */
final class JudgedTest {
    private static final Guarantee EXACTLY_ONCE =
            Guarantee.all(true).stream()
                    .filter(one -> one.id().equals("eos"))
                    .findFirst()
                    .orElseThrow();

    private static Judged judged(Note... notes) {
        var row = new Row(EXACTLY_ONCE, new Journal(), "localhost:1");
        return new Judged(row, Tally.of(List.of(notes), false), List.of());
    }

    @Test
    void aRowThatDeliveredNothingHasNotHeld() {
        Judged empty = judged(new Note(0, "c", Kind.SENT, 0, 0));

        assertThat(empty.holds()).isFalse();
        var text = new StringWriter();
        new RowTable(List.of(empty)).print(new PrintWriter(text, true));
        assertThat(text.toString())
                .contains("BROKEN; nothing was delivered, so nothing is proved")
                .contains("0 passed, 1 failed");
    }

    @Test
    void aRowThatDeliveredWhatItOwedHasHeld() {
        Judged full =
                judged(
                        new Note(0, "c", Kind.SENT, 0, 0),
                        new Note(1, "c", Kind.ACKNOWLEDGED, 0, 0),
                        new Note(2, "c", Kind.DELIVERED, 0, 0));

        assertThat(full.holds()).isTrue();
    }
}
