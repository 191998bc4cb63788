package io.millrace.bench.io.plan;

import io.millrace.bench.io.plan.SyncPolicy.Every;
import io.millrace.bench.io.plan.SyncPolicy.Interval;
import io.millrace.bench.io.plan.Workload.Reads;
import io.millrace.bench.io.plan.Workload.Writes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Which jobs a run has, in order. Every round does them all, so that subjects take turns. */
public final class IoPlan {
    public static final int RECORD_BLOCK = 16 << 10;
    private static final int SMALL = 4 << 10;
    private static final int DIRECT_LEAST = 4 << 10;
    private static final int GATHERING_LEAST = 8 << 10;
    private static final int TURN_BLOCK = 64 << 10;
    private static final int CHRONICLE_MOST_FILES = 10;
    private static final double NOT_DRAWN = Double.NaN;
    private static final Set<Subject> ALL = EnumSet.allOf(Subject.class);
    private static final Set<Subject> LOGS =
            EnumSet.of(Subject.PLAIN, Subject.MILLRACE, Subject.CHRONICLE);

    private final Extent extent;
    private final List<Job> jobs = new ArrayList<>();

    private IoPlan(Extent extent) {
        this.extent = extent;
    }

    /** The jobs of one round. */
    public static List<Job> of(Extent extent) {
        var plan = new IoPlan(extent);
        plan.writes();
        plan.syncs();
        plan.files();
        plan.randomWrites();
        plan.reads();
        return List.copyOf(plan.jobs);
    }

    private void writes() {
        for (int block : extent.blocks()) {
            Writes writes = Writes.sequential(block, SyncPolicy.NEVER);
            for (Subject subject : ALL) {
                add(writes, subject, Chart.APPEND, kib(block));
            }
            if (block == extent.zerosBlock()) {
                for (Subject subject : List.of(Subject.PLAIN, Subject.MAPPED, Subject.DIRECT)) {
                    add(writes.overZeros(), subject, Chart.APPEND, kib(block));
                }
            }
        }
    }

    private void syncs() {
        for (int block : extent.syncedBlocks()) {
            Writes writes = Writes.sequential(block, new Every(1));
            for (Subject subject : EnumSet.complementOf(EnumSet.of(Subject.GATHERING))) {
                add(writes, subject, Chart.SYNCED, kib(block));
            }
            add(writes.overZeros(), Subject.PLAIN, Chart.SYNCED, kib(block));
            add(writes.overZeros(), Subject.DIRECT, Chart.SYNCED, kib(block));
        }
        for (int group : extent.groups()) {
            for (Subject subject : LOGS) {
                add(Writes.sequential(SMALL, new Every(group)), subject, Chart.GROUPS, group);
            }
        }
        for (int ms : extent.intervalsMs()) {
            for (Subject subject : LOGS) {
                Writes writes = Writes.sequential(SMALL, new Interval(ms));
                jobs.add(new Job(writes, subject, Chart.GROUPS, NOT_DRAWN));
            }
        }
    }

    private void files() {
        for (int files : extent.files()) {
            Writes writes = Writes.sequential(RECORD_BLOCK, SyncPolicy.NEVER).over(files);
            for (Subject subject : List.of(Subject.PLAIN, Subject.MAPPED, Subject.MILLRACE)) {
                add(writes, subject, Chart.FILES, files);
            }
            addQueues(writes, Chart.FILES);
        }
        for (int files : extent.files()) {
            Writes writes = Writes.sequential(RECORD_BLOCK, new Every(files)).over(files);
            for (Subject subject : List.of(Subject.PLAIN, Subject.MILLRACE)) {
                add(writes, subject, Chart.FILES_SYNCED, files);
            }
            addQueues(writes, Chart.FILES_SYNCED);
        }
    }

    /** A queue maps much, so there are few. */
    private void addQueues(Writes writes, Chart chart) {
        if (writes.files() <= CHRONICLE_MOST_FILES) {
            add(writes, Subject.CHRONICLE, chart, writes.files());
        }
    }

    private void randomWrites() {
        for (int block : extent.randomBlocks()) {
            for (SyncPolicy sync : List.of(SyncPolicy.NEVER, new Every(16))) {
                var writes = new Writes(true, block, 1, sync, true);
                double x = sync.equals(SyncPolicy.NEVER) ? kib(block) : NOT_DRAWN;
                for (Subject subject : List.of(Subject.PLAIN, Subject.MAPPED, Subject.DIRECT)) {
                    add(writes, subject, Chart.RANDOM, x);
                }
            }
        }
    }

    private void reads() {
        for (boolean cold : List.of(false, true)) {
            for (int block : extent.readBlocks()) {
                var sequential = new Reads(false, block, 1, cold);
                for (Subject subject : readers(block, cold)) {
                    add(sequential, subject, cold ? Chart.READ_COLD : Chart.READ, kib(block));
                }
            }
            var turns = new Reads(false, TURN_BLOCK, extent.readFiles(), cold);
            for (Subject subject : List.of(Subject.PLAIN, Subject.MILLRACE)) {
                add(turns, subject, cold ? Chart.READ_COLD : Chart.READ, NOT_DRAWN);
            }
            randomReads(cold);
        }
    }

    private void randomReads(boolean cold) {
        for (int block : extent.randomBlocks()) {
            Set<Subject> readers = readers(block, cold);
            readers.remove(Subject.CHRONICLE);
            for (Subject subject : readers) {
                add(
                        new Reads(true, block, 1, cold),
                        subject,
                        cold ? Chart.READ_RANDOM_COLD : Chart.READ_RANDOM,
                        kib(block));
            }
        }
    }

    /** O_DIRECT is always cold; logs are read in batches of one size, queues message by message. */
    private static Set<Subject> readers(int block, boolean cold) {
        Set<Subject> readers = EnumSet.of(Subject.PLAIN, Subject.MAPPED);
        if (cold) {
            readers.add(Subject.DIRECT);
        }
        if (block >= RECORD_BLOCK) {
            readers.add(Subject.MILLRACE);
        }
        if (block == RECORD_BLOCK) {
            readers.add(Subject.CHRONICLE);
        }
        return readers;
    }

    private void add(Workload workload, Subject subject, Chart chart, double x) {
        boolean possible =
                switch (subject) {
                    case DIRECT -> workload.blockBytes() >= DIRECT_LEAST;
                    case GATHERING -> workload.blockBytes() >= GATHERING_LEAST;
                    default -> true;
                };
        if (possible) {
            jobs.add(new Job(workload, subject, chart, x));
        }
    }

    private static double kib(int bytes) {
        return bytes / 1024.0;
    }
}
