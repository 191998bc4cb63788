package io.millrace.bench.micro;

import io.millrace.bench.report.Measurement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Turns what JMH found into a report's figures: a call, and a record where a call has several. */
final class MicroMeasurements {
    private static final String BATCH = "batch";
    private static final String CODEC = "codec";

    /** Calls that look for records instead of going through all of them. */
    private static final Set<String> LOOKING = Set.of("read", "find", "fetch");

    private final MicroResult result;
    private final String workload;
    private final String subject;
    private final List<Measurement> all = new ArrayList<>();

    private MicroMeasurements(MicroResult result) {
        this.result = result;
        var parameters = new LinkedHashMap<>(result.parameters());
        String codec = parameters.remove(CODEC);
        workload = words(result.method()) + (codec == null ? "" : ", " + named(parameters));
        subject = codec == null ? named(parameters) : codec;
    }

    static List<Measurement> of(List<MicroResult> results) {
        return results.stream()
                .flatMap(result -> new MicroMeasurements(result).figures().stream())
                .toList();
    }

    private List<Measurement> figures() {
        add("time", "ns", result.timesNs());
        add("allocated", "B", List.of(result.allocatedBytes()));
        int records = records();
        if (records > 1) {
            add(
                    "time a record",
                    "ns",
                    result.timesNs().stream().map(timeNs -> timeNs / records).toList());
            add("allocated a record", "B", List.of(result.allocatedBytes() / records));
        }
        result.counters().forEach((name, count) -> add(name, "a call", List.of(count)));
        return all;
    }

    private void add(String metric, String unit, List<Double> values) {
        all.add(new Measurement(workload, subject, metric, unit, values));
    }

    /** Records that a call goes through. */
    private int records() {
        String batch = result.parameters().get(BATCH);
        String verb = words(result.method()).split(" ", 2)[0];
        return batch == null || LOOKING.contains(verb) ? 1 : Shape.of(batch).records();
    }

    private static String words(String method) {
        return method.replaceAll("([A-Z])", " $1").toLowerCase(Locale.ROOT);
    }

    private static String named(Map<String, String> parameters) {
        return parameters.entrySet().stream()
                .map(entry -> named(entry.getKey(), entry.getValue()))
                .collect(Collectors.joining(", "));
    }

    private static String named(String key, String value) {
        if (!key.equals(BATCH)) {
            return value + " " + key;
        }
        Shape shape = Shape.of(value);
        return "%d x %,d B".formatted(shape.records(), shape.valueBytes());
    }
}
