package io.millrace.storage.simulation;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a log ought to hold. */
final class Model {
    final TreeMap<Long, Batch> batches = new TreeMap<>();
    final Map<Long, Producer> producers = new HashMap<>();
    long logStart;
    long end;
    long flushed;

    /** A batch that was being written when the process died: it may be there or not. */
    @Nullable Runnable uncertain;

    /**
     * Batches that were refused because the disk was full. A part of each was written, and cut off
     * again; if power is lost before the cut is on disk, the part may be back, and be whole: what
     * is missing of it may be zeros, as a hole in the file has.
     */
    final List<Refused> refused = new ArrayList<>();

    /** A batch that was refused, and what the log holds if it is there all the same. */
    record Refused(long first, ByteBuffer bytes, Runnable taken) {}

    /** A batch as it was appended, with the timestamps of its records. */
    record Batch(long first, long last, ByteBuffer bytes, int epoch, List<Long> timestamps) {}

    /** A producer as the log ought to know it. */
    static final class Producer {
        final short epoch;
        final List<Sent> sent = new ArrayList<>();

        Producer(short epoch) {
            this.epoch = epoch;
        }

        int nextSequence() {
            return sent.isEmpty() ? 0 : sent.getLast().lastSequence() + 1;
        }
    }

    /** What a producer sent that was appended. */
    record Sent(int firstSequence, int lastSequence, long first, long last, ByteBuffer asSent) {}

    void appended(Batch batch) {
        batches.put(batch.first(), batch);
        end = batch.last() + 1;
    }

    /** Forgets what a crash may lose and has lost. */
    void lostFrom(long offset) {
        batches.values().removeIf(batch -> batch.last() >= offset);
        end = offset;
        flushed = Math.min(flushed, offset);
        for (Producer producer : producers.values()) {
            producer.sent.removeIf(sent -> sent.last() >= offset);
        }
    }

    /** A batch that was refused is there after a crash, in place of what came after it. */
    void reappeared(Refused found) {
        long before = end;
        TreeMap<Long, Batch> later = new TreeMap<>(batches.tailMap(found.first()));
        batches.tailMap(found.first()).clear();
        found.taken().run();
        long next = end;
        later.values().removeIf(batch -> batch.first() < next);
        batches.putAll(later);
        end = Math.max(before, next);
        for (Producer producer : producers.values()) {
            producer.sent.removeIf(
                    sent -> sent.first() < next && !isHeld(sent.first(), sent.last()));
            producer.sent.sort(Comparator.comparingLong(Sent::first));
        }
    }

    /** The log was cut. */
    void truncated(long offset) {
        lostFrom(offset);
        flushed = offset;
    }

    /** The batch that holds an offset. */
    @Nullable Batch holding(long offset) {
        Map.Entry<Long, Batch> floor = batches.floorEntry(offset);
        return floor == null || floor.getValue().last() < offset ? null : floor.getValue();
    }

    private boolean isHeld(long first, long last) {
        Batch batch = batches.get(first);
        return batch != null && batch.last() == last;
    }

    /** Where the batch begins that holds an offset; the offset if none does. */
    long batchStart(long offset) {
        Batch batch = holding(offset);
        return batch == null ? offset : batch.first();
    }

    int latestEpoch() {
        return batches.isEmpty() ? -1 : batches.lastEntry().getValue().epoch();
    }
}
