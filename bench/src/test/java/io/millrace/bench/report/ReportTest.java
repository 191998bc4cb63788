package io.millrace.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.bench.report.page.Markdown;
import io.millrace.bench.report.page.Page;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
    private static final Machine MACHINE = new Machine("a CPU", 2, 8_000, "disk", "Linux", "25");

    private static Report report(double oursMs) {
        return new Report(
                "compare",
                "scripts/bench compare",
                "2026-01-02T03:04:05Z",
                "abc123",
                MACHINE,
                List.of(
                        new Measurement("produce", "Kafka", "CPU", "ms/MB", List.of(4.0, 6.0, 5.0)),
                        new Measurement("produce", "Millrace", "CPU", "ms/MB", List.of(oursMs)),
                        new Measurement("consume", "Kafka", "CPU", "ms/MB", List.of(1.0))),
                List.of(
                        new Series(
                                "Latency: produce",
                                "Kafka",
                                Series.PERCENTILE,
                                "ms",
                                List.of(new Series.Point(50, 0.4), new Series.Point(100, 12))),
                        new Series(
                                "Over time",
                                "Kafka",
                                "s",
                                "ms",
                                List.of(new Series.Point(0, 1), new Series.Point(0.1, 2)),
                                List.of(new Mark("GC", 0.05, 3)))),
                List.of(
                        new Goal("CPU per MB", 0.5, true, oursMs / 5, oursMs / 6, oursMs / 4),
                        new Goal("<b>peak</b>", 0.8, false, 0.7, 0.6, 0.9)),
                List.of("Broker & load share the cores."));
    }

    @Test
    void aReportIsTheSameAfterAWayThroughAFile(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("report.json");

        ReportFiles.write(report(2), file);

        assertThat(ReportFiles.read(file)).isEqualTo(report(2));
    }

    @Test
    void aFileOfAnEarlierVersionWithoutMarksIsRead(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("report.json");
        ReportFiles.write(report(2), file);
        String text = Files.readString(file);
        Files.writeString(file, text.replaceAll("(?s),\\s*\"marks\" : \\[.*?\\]", ""));

        assertThat(ReportFiles.read(file).series()).allMatch(line -> line.marks().isEmpty());
    }

    @Test
    void thePageStandsBesideTheJson(@TempDir Path folder) throws IOException {
        Path page =
                ReportFiles.publish(report(2), Optional.empty(), folder.resolve("new/run.json"));

        assertThat(page).isEqualTo(folder.resolve("new/run.html")).isNotEmptyFile();
        assertThat(folder.resolve("new/run.json")).isNotEmptyFile();
    }

    @Test
    void thePageShowsGoalsCurvesMarksAndFigures() {
        String page = Page.of(report(2), Optional.empty());

        assertThat(page)
                .contains("<b>1</b> of <b>2</b> goals met", ">not met<", ">met<")
                .contains("Latency: produce", "99.9", "Over time", "m-gc", "GC at 0.05 s: 3 ms")
                .contains("produce, Kafka: 5 ms/MB (4 to 6)", "Broker &amp; load share the cores.")
                .contains("abc123", "a CPU", "prefers-color-scheme: dark", "id='theme'");
    }

    @Test
    void thePageNeedsNothingFromElsewhere() {
        assertThat(Page.of(report(2), Optional.empty()))
                .doesNotContain("http:", "https:", "src=", "<link", "@import", "url(");
    }

    @Test
    void namesCannotBreakThePage() {
        assertThat(Page.of(report(2), Optional.empty()))
                .contains("&lt;b&gt;peak&lt;/b&gt;")
                .doesNotContain("<b>peak</b>");
    }

    @Test
    void anEarlierRunIsShownAsChanges() {
        String page = Page.of(report(2), Optional.of(report(4)));

        assertThat(page).contains("<em>-50 %</em>", "before", "0.80");
    }

    @Test
    void aReportOfFiguresAloneHasAPageToo() {
        var bare =
                new Report(
                        "io",
                        "scripts/bench io",
                        "2026-01-02T03:04:05Z",
                        "abc",
                        MACHINE,
                        List.of(new Measurement("write", "file", "rate", "MB/s", List.of(0.0))),
                        List.of(),
                        List.of(),
                        List.of());

        assertThat(Page.of(bare, Optional.empty()))
                .contains("What this disk can do", "All figures")
                .doesNotContain("NaN", "goals met");
    }

    @Test
    void theTextThatIsKeptHasGoalsAndFigures() {
        assertThat(Markdown.of(List.of(report(4))))
                .contains("## Millrace beside Apache Kafka", "commit abc123")
                .contains("| CPU per MB | at most 0.5 | 0.80 (0.67 to 1.00) | **not met** |")
                .contains("| produce | Kafka | Millrace |", "| CPU, ms/MB | 5 (4–6) | 4 |");
    }

    @Test
    void theMedianOfAnEvenCountLiesBetweenTheMiddleTwo() {
        assertThat(Measurement.median(List.of(9.0, 1.0, 4.0, 2.0))).isEqualTo(3);
        assertThat(Measurement.median(List.of(9.0, 1.0, 4.0))).isEqualTo(4);
    }
}
