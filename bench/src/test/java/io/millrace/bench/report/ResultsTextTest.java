package io.millrace.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ResultsTextTest {
    private static final String BEFORE =
            """
            # Results of the bench

            An old beginning.

            ## Millrace beside Apache Kafka

            old figures

            ## Written by someone

            kept

            ## What the profiles say

            by hand
            """;

    private static Report report(String kind) {
        return new Report(
                kind,
                "scripts/bench " + kind,
                "2026-01-02T03:04:05Z",
                "abc123",
                new Machine("a CPU", 2, 8_000, "disk", "Linux", "25"),
                List.of(new Measurement("produce", "Kafka", "CPU", "ms/MB", List.of(4.0))),
                List.of(),
                List.of(),
                List.of());
    }

    @Test
    void aReportTakesThePlaceOfItsSectionAndTheOthersStay() {
        String text = ResultsText.merged(BEFORE, List.of(report("compare")));

        assertThat(text)
                .contains("scripts/bench compare", "\n\n## Written by someone\n\nkept\n")
                .endsWith("\n\n## What the profiles say\n\nby hand\n")
                .doesNotContain("old figures", "An old beginning");
    }

    @Test
    void aNewSectionStandsBeforeWhatIsWrittenByHand() {
        String text = ResultsText.merged(BEFORE, List.of(report("cluster")));

        assertThat(text.indexOf("## Three nodes"))
                .isGreaterThan(text.indexOf("kept"))
                .isLessThan(text.indexOf("## What the profiles say"));
        assertThat(text).contains("old figures");
    }

    @Test
    void toldAgainNothingChanges() {
        String once = ResultsText.merged(BEFORE, List.of(report("io")));

        assertThat(ResultsText.merged(once, List.of(report("io")))).isEqualTo(once);
    }

    @Test
    void withoutATextBeforeThereAreTheReports() {
        assertThat(ResultsText.merged("", List.of(report("micro"))))
                .startsWith("# Results of the bench\n")
                .contains("\n## Millrace's hot paths\n");
    }
}
