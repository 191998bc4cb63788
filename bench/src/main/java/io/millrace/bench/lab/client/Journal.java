package io.millrace.bench.lab.client;

import io.millrace.bench.history.Operation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** What the clients of one row saw, in the order of time. Thread-safe. */
public final class Journal {
    private volatile long startNs = System.nanoTime();
    private final Queue<Note> notes = new ConcurrentLinkedQueue<>();
    private final Queue<Operation> operations = new ConcurrentLinkedQueue<>();
    private final Map<Kind, LongAdder> counts = new ConcurrentHashMap<>();

    /** Kinds of notes. */
    public enum Kind {
        SENT,
        ACKNOWLEDGED,
        /** The client gave up on it, or was told that it failed. */
        NOT_ACKNOWLEDGED,
        ABORTED,
        DELIVERED,
        STORED,
        CRASHED
    }

    /**
     * Something that a client saw.
     *
     * @param atMs since the run began
     * @param value of the record; -1 if it is about none
     * @param place partition of the record, or offset where that matters
     */
    public record Note(long atMs, String client, Kind kind, long value, int place) {}

    /** The run begins now. */
    public void begin() {
        startNs = System.nanoTime();
    }

    public long nowMs() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs);
    }

    public void note(String client, Kind kind, long value, int place) {
        notes.add(new Note(nowMs(), client, kind, value, place));
        counts.computeIfAbsent(kind, key -> new LongAdder()).increment();
    }

    public void add(Operation operation) {
        operations.add(operation);
    }

    public List<Note> notes() {
        return notes.stream().sorted(Comparator.comparingLong(Note::atMs)).toList();
    }

    /** Notes of a kind so far. */
    public long count(Kind kind) {
        LongAdder counted = counts.get(kind);
        return counted == null ? 0 : counted.sum();
    }

    /** Records that were sent and of which nothing was heard yet. */
    public long inFlight() {
        return count(Kind.SENT)
                - count(Kind.ACKNOWLEDGED)
                - count(Kind.NOT_ACKNOWLEDGED)
                - count(Kind.ABORTED);
    }

    /** The operations in the order they began. */
    public List<Operation> history() {
        var sorted = new ArrayList<>(operations);
        sorted.sort(Comparator.comparingLong(Operation::beganNs));
        return sorted;
    }
}
