package io.millrace.bench.torture;

import io.millrace.bench.lab.client.Guarantee.Producing;
import io.millrace.bench.lab.client.Journal;
import io.millrace.bench.lab.client.Judged;
import io.millrace.bench.lab.client.Row;
import io.millrace.bench.torture.plan.NodeFault;
import io.millrace.bench.torture.verdict.Outages;
import io.millrace.bench.torture.verdict.Outages.Spread;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** For how long nothing was acknowledged, by the kind of fault: of a run's rows and faults. */
final class Series {
    /** Until so long after a fault has passed, what stands still is its doing. */
    private static final long AFTERMATH_MS = 1_000;

    private Series() {}

    /** The longest times of every kind of fault that came, for rows that produce in one way. */
    static Map<NodeFault, Spread> outages(
            List<Judged> rows, List<Struck> struck, Producing producing) {
        Map<String, NavigableSet<Long>> series = series(rows, producing);
        var times = new TreeMap<NodeFault, List<Long>>();
        for (Struck one : struck) {
            long longestMs =
                    Outages.longestMs(series, one.beganMs(), one.passedMs() + AFTERMATH_MS);
            times.computeIfAbsent(one.strike().fault(), key -> new ArrayList<>()).add(longestMs);
        }
        var spreads = new TreeMap<NodeFault, Spread>();
        times.forEach((fault, all) ->
                spreads.put(fault, Spread.of(all.stream().mapToLong(Long::longValue).toArray())));
        return spreads;
    }

    /** Acknowledgements by partition; a producer that waits for all of them has but one series. */
    private static Map<String, NavigableSet<Long>> series(List<Judged> rows, Producing producing) {
        var series = new HashMap<String, NavigableSet<Long>>();
        for (Judged judged : rows) {
            Row row = judged.row();
            if (row.guarantee().producing() != producing) {
                continue;
            }
            for (Journal.Note note : row.journal().notes()) {
                if (note.kind() == Journal.Kind.ACKNOWLEDGED) {
                    series.computeIfAbsent(row.topic() + note.place(), key -> new TreeSet<>())
                            .add(note.atMs());
                }
            }
        }
        return series;
    }
}
