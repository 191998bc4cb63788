package io.millrace.bench.report.page;

import io.millrace.bench.report.Measurement;
import io.millrace.bench.report.Report;
import io.millrace.bench.report.Series;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which colour each subject has, the same in every chart of a page. */
final class Palette {
    private static final int COLOURS = 8;

    /** Kin share a hue. */
    private static final List<String> KNOWN =
            List.of("Millrace", "Kafka", "Millrace fsync", "Kafka fsync");

    private final Map<String, String> styles = new LinkedHashMap<>();

    Palette(Report report) {
        List<String> subjects =
                Stream.concat(
                                report.measurements().stream().map(Measurement::subject),
                                report.series().stream().map(Series::subject))
                        .distinct()
                        .toList();
        boolean known = subjects.stream().anyMatch(KNOWN::contains);
        int next = known ? KNOWN.size() : 0;
        for (String subject : subjects) {
            int slot = KNOWN.contains(subject) ? KNOWN.indexOf(subject) : next++ % COLOURS;
            styles.put(subject, "c" + (slot + 1));
        }
    }

    /** The style class of a subject. */
    String of(String subject) {
        return styles.getOrDefault(subject, "c1");
    }

    /** The subjects of a chart with their colours. */
    String legend(Stream<String> subjects) {
        return subjects.distinct()
                .map(subject ->
                        "<span><i class='%s'></i>%s</span>"
                                .formatted(of(subject), Html.escape(subject)))
                .collect(Collectors.joining("", "<p class='legend'>", "</p>"));
    }
}
