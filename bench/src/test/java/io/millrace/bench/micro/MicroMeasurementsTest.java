package io.millrace.bench.micro;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.bench.report.Measurement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class MicroMeasurementsTest {
    @Test
    void aCallThatGoesThroughABatchIsAlsoGivenByRecord() {
        var figures = MicroMeasurements.of(List.of(result("append", "160x100")));

        assertThat(figures)
                .containsExactly(
                        new Measurement(
                                "append", "160 x 100 B", "time", "ns", List.of(320.0, 480.0)),
                        new Measurement("append", "160 x 100 B", "allocated", "B", List.of(160.0)),
                        new Measurement(
                                "append", "160 x 100 B", "time a record", "ns", List.of(2.0, 3.0)),
                        new Measurement(
                                "append", "160 x 100 B", "allocated a record", "B", List.of(1.0)));
    }

    @Test
    void aCallThatLooksForABatchIsNot() {
        var figures = MicroMeasurements.of(List.of(result("readTail", "160x100")));

        assertThat(figures).extracting(Measurement::workload).containsOnly("read tail");
        assertThat(figures).extracting(Measurement::metric).containsExactly("time", "allocated");
    }

    @Test
    void codecsStandBesideEachOther() {
        var parameters = new LinkedHashMap<String, String>();
        parameters.put("batch", "16x1024");
        parameters.put("codec", "zstd");

        var figures =
                MicroMeasurements.of(
                        List.of(
                                new MicroResult(
                                        "validate", parameters, List.of(1.0), 0, Map.of())));

        assertThat(figures.getFirst().workload()).isEqualTo("validate, 16 x 1,024 B");
        assertThat(figures.getFirst().subject()).isEqualTo("zstd");
    }

    @Test
    void countersOfTheProcessorAreKept() {
        var result =
                new MicroResult(
                        "dedup",
                        Map.of("producers", "1000"),
                        List.of(50.0),
                        0,
                        Map.of("instructions", 200.0));

        assertThat(MicroMeasurements.of(List.of(result)))
                .contains(
                        new Measurement(
                                "dedup",
                                "1000 producers",
                                "instructions",
                                "a call",
                                List.of(200.0)));
    }

    private static MicroResult result(String method, String batch) {
        return new MicroResult(
                method, Map.of("batch", batch), List.of(320.0, 480.0), 160, Map.of());
    }
}
