package io.millrace.cluster.replication;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A log in memory with a part that is on disk: what a crash may take is behind that. */
final class SimulatedLog {
    /** One record. */
    record Entry(int epoch, long value) {}

    private record Start(int epoch, long offset) {}

    private final List<Entry> entries = new ArrayList<>();
    private final List<Start> starts = new ArrayList<>();
    private long flushed;

    long end() {
        return entries.size();
    }

    long flushed() {
        return flushed;
    }

    Entry get(long offset) {
        return entries.get((int) offset);
    }

    void beginEpoch(int epoch) {
        starts.removeIf(start -> start.offset() >= end());
        starts.add(new Start(epoch, end()));
    }

    /** An epoch that nothing was written in may be followed by what is older. */
    void append(Entry entry) {
        starts.removeIf(start -> start.offset() >= end() && start.epoch() > entry.epoch());
        if (starts.isEmpty() || starts.getLast().epoch() < entry.epoch()) {
            beginEpoch(entry.epoch());
        }
        entries.add(entry);
    }

    void flush(long upTo) {
        flushed = Math.max(flushed, Math.min(upTo, end()));
    }

    /** The epoch of the record before an offset; -1 if there is none. */
    int epochBefore(long offset) {
        return offset == 0 ? -1 : get(offset - 1).epoch();
    }

    FollowerReplica.EpochEnd endOfEpoch(int epoch) {
        int found = -1;
        long endOffset = starts.isEmpty() ? end() : starts.getFirst().offset();
        for (int i = 0; i < starts.size() && starts.get(i).epoch() <= epoch; i++) {
            found = starts.get(i).epoch();
            endOffset = i + 1 < starts.size() ? starts.get(i + 1).offset() : end();
        }
        return new FollowerReplica.EpochEnd(found, endOffset);
    }

    void truncate(long offset) {
        entries.subList((int) offset, entries.size()).clear();
        starts.removeIf(start -> start.offset() >= offset);
        flushed = Math.min(flushed, offset);
    }

    /** A crash: what is not on disk survives up to anywhere. */
    void crash(Random random) {
        truncate(flushed + random.nextInt((int) (end() - flushed) + 1));
        flushed = end();
    }

    void wipe() {
        truncate(0);
    }
}
