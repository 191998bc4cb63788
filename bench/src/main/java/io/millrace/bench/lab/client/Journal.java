package io.millrace.bench.lab.client;

import io.millrace.bench.history.Operation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/** What the clients of one row saw, in the order of time. Thread-safe. */
public final class Journal {
    private volatile long startNs = System.nanoTime();
    private final Queue<Note> notes = new ConcurrentLinkedQueue<>();
    private final Queue<Operation> operations = new ConcurrentLinkedQueue<>();

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
    }

    public void add(Operation operation) {
        operations.add(operation);
    }

    public List<Note> notes() {
        return notes.stream().sorted(Comparator.comparingLong(Note::atMs)).toList();
    }

    public long count(Kind kind) {
        return notes.stream().filter(note -> note.kind() == kind).count();
    }

    /** The operations in the order they began. */
    public List<Operation> history() {
        var sorted = new ArrayList<>(operations);
        sorted.sort(Comparator.comparingLong(Operation::beganNs));
        return sorted;
    }
}
