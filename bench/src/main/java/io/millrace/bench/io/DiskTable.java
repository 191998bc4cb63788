package io.millrace.bench.io;

import io.millrace.bench.io.plan.Chart;
import io.millrace.bench.io.plan.Job;
import io.millrace.bench.io.plan.Subject;
import io.millrace.bench.io.plan.Workload;
import io.millrace.bench.report.Goal;
import io.millrace.bench.report.Measurement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/**
 * What the disk can do, and the share of it that Millrace reaches: for each kind of work, the best
 * of the plain files beside the best of the partition log, round by round.
 */
final class DiskTable {
    private static final String WORKLOAD = "What the disk can do, and the share of it";
    private static final double APPEND_GOAL = 0.7;

    private final Map<Job, List<Outcome>> outcomes;

    /** One kind of work: which jobs do it, and which of their figures counts. */
    private record Row(String name, Predicate<Job> jobs, ToDoubleFunction<Outcome> value) {}

    private static final Row APPEND =
            new Row("append, never synced", on(Chart.APPEND), Outcome::megabytesPerS);

    private static final List<Row> ROWS =
            List.of(
                    APPEND,
                    new Row("append, synced at the end", on(Chart.APPEND), IoFigures::durable),
                    new Row(
                            "append of 16 KiB, each synced",
                            on(Chart.SYNCED).and(block(16 << 10)),
                            Outcome::megabytesPerS),
                    new Row(
                            "append of 4 KiB, 64 a sync",
                            on(Chart.GROUPS).and(job -> job.x() == 64),
                            Outcome::megabytesPerS),
                    new Row(
                            "append over 100 files, all synced each turn",
                            on(Chart.FILES_SYNCED).and(job -> job.x() == 100),
                            Outcome::megabytesPerS),
                    new Row("read in order, cached", on(Chart.READ), Outcome::megabytesPerS),
                    new Row("read in order, cold", on(Chart.READ_COLD), Outcome::megabytesPerS),
                    new Row(
                            "read 16 KiB anywhere, cached",
                            on(Chart.READ_RANDOM).and(block(16 << 10)),
                            Outcome::megabytesPerS),
                    new Row(
                            "read 16 KiB anywhere, cold",
                            on(Chart.READ_RANDOM_COLD).and(block(16 << 10)),
                            Outcome::megabytesPerS));

    DiskTable(IoFigures figures) {
        this.outcomes = figures.all();
    }

    /** Jobs of a chart that do what an append-only log could do too: into new files. */
    private static Predicate<Job> on(Chart chart) {
        return job ->
                job.chart() == chart
                        && !(job.workload() instanceof Workload.Writes writes
                                && writes.preallocated());
    }

    private static Predicate<Job> block(int bytes) {
        return job -> job.workload().blockBytes() == bytes;
    }

    /** A row a kind of work: the disk, Millrace, and the share. */
    List<Measurement> measurements() {
        var all = new ArrayList<Measurement>();
        for (Row row : ROWS) {
            List<Double> disk = best(row, true);
            List<Double> ours = best(row, false);
            if (!disk.isEmpty() && !ours.isEmpty()) {
                String metric = row.name() + ", MB/s";
                all.add(new Measurement(WORKLOAD, "best plain file", metric, "", disk));
                all.add(new Measurement(WORKLOAD, "PartitionLog", metric, "", ours));
                all.add(new Measurement(WORKLOAD, "share", metric, "", ratios(ours, disk)));
            }
        }
        return all;
    }

    /** The goal, if it was measured. */
    List<Goal> goals() {
        List<Double> shares = ratios(best(APPEND, false), best(APPEND, true));
        if (shares.isEmpty()) {
            return List.of();
        }
        var all = new Measurement(APPEND.name(), "", "share", "", shares);
        return List.of(
                new Goal(
                        "sequential append, never synced: PartitionLog / best plain file",
                        APPEND_GOAL,
                        false,
                        all.median(),
                        all.min(),
                        all.max()));
    }

    /** The best of a round, for every round. */
    private List<Double> best(Row row, boolean plain) {
        List<List<Outcome>> candidates =
                outcomes.entrySet().stream()
                        .filter(entry -> row.jobs().test(entry.getKey()))
                        .filter(entry -> isOf(entry.getKey().subject(), plain))
                        .map(Map.Entry::getValue)
                        .toList();
        int rounds = candidates.stream().mapToInt(List::size).min().orElse(0);
        var best = new ArrayList<Double>();
        for (int round = 0; round < rounds; round++) {
            int turn = round;
            best.add(
                    candidates.stream()
                            .mapToDouble(runs -> row.value().applyAsDouble(runs.get(turn)))
                            .max()
                            .orElseThrow());
        }
        return best;
    }

    private static boolean isOf(Subject subject, boolean plain) {
        return plain ? subject.isPlain() : subject == Subject.MILLRACE;
    }

    private static List<Double> ratios(List<Double> some, List<Double> others) {
        var ratios = new ArrayList<Double>();
        for (int round = 0; round < Math.min(some.size(), others.size()); round++) {
            ratios.add(some.get(round) / others.get(round));
        }
        return ratios;
    }
}
