package io.millrace.bench.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.bench.report.Measurement;
import io.millrace.bench.report.Report;
import io.millrace.bench.report.ReportFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class ControllerCommandTest {
    private static final int FIGURES = 17;

    @TempDir Path folder = Path.of("unset");

    @Test
    void theBusyBrokerLeadsWhatItIsSaidToAndTheOthersShareTheRest() {
        for (int partitions : List.of(100, 1_000, 12_345, 200_000)) {
            var shape = new ClusterShape(50, partitions);
            var leaders = new HashMap<Integer, Integer>();
            int count = 0;
            for (List<List<Integer>> topic : shape.replicas()) {
                for (List<Integer> replicas : topic) {
                    assertThat(new HashSet<>(replicas)).hasSize(3);
                    leaders.merge(replicas.getFirst(), 1, Integer::sum);
                    count++;
                }
            }

            assertThat(count).isEqualTo(partitions);
            assertThat(leaders).containsEntry(ClusterShape.BUSY, shape.busyLeaders());
            assertThat(shape.busyLeaders()).isEqualTo(Math.min(10_000, partitions / 10));
        }
    }

    @Test
    void aFigureThatStaysGrowsWithThePowerZeroAndOneThatGrowsAsNWithOne() {
        assertThat(Figures.power(1_000, 5, 100_000, 5)).isEqualTo(0);
        assertThat(Figures.power(1_000, 5, 100_000, 500)).isEqualTo(1, within(1e-9));
        assertThat(Figures.power(1_000, 500, 10_000, 50)).isEqualTo(-1, within(1e-9));
    }

    @Test
    void figuresOfEachSizeStandBesideEachOther() {
        var figures = new Figures(7);
        figures.add(10, "time", "ms", 1);
        figures.add(10, "time", "ms", 3);
        figures.add(100, "time", "ms", 20);

        assertThat(figures.measurements())
                .containsExactly(
                        new Measurement(
                                "7 brokers, three replicas",
                                "10 partitions",
                                "time",
                                "ms",
                                List.of(1.0, 3.0)),
                        new Measurement(
                                "7 brokers, three replicas",
                                "100 partitions",
                                "time",
                                "ms",
                                List.of(20.0)),
                        new Measurement(
                                "growth from 10 to 100 partitions",
                                "power of n",
                                "time",
                                "ms",
                                List.of(1.0)));
        assertThat(figures.series()).hasSize(1);
    }

    @Test
    void aRunMeasuresEveryFigureOfEverySize() throws IOException {
        Path json = folder.resolve("controller.json");
        int exit = new CommandLine(new ControllerCommand()).execute("--smoke", "--out", "" + json);

        assertThat(exit).isZero();
        Report report = ReportFiles.read(json);
        for (String size : List.of("100 partitions", "1,000 partitions")) {
            assertThat(report.measurements().stream().filter(it -> it.subject().equals(size)))
                    .hasSize(FIGURES)
                    .allSatisfy(it -> assertThat(it.values()).doesNotContain(Double.NaN));
        }
        Measurement records =
                report.find(
                                "1,000 brokers, three replicas",
                                "1,000 partitions",
                                "busy broker: records")
                        .orElseThrow();
        assertThat(records.values()).allMatch(count -> count > 100);
    }
}
