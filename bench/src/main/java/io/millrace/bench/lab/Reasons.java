package io.millrace.bench.lab;

import io.millrace.bench.history.Operation;
import io.millrace.bench.history.Operation.Step;
import io.millrace.bench.lab.client.Crew;
import io.millrace.bench.lab.client.Guarantee;
import io.millrace.bench.lab.client.Journal.Kind;
import io.millrace.bench.lab.client.Journal.Note;
import io.millrace.bench.lab.client.Row;
import io.millrace.bench.lab.fault.Fault;
import io.millrace.bench.lab.fault.FaultPlan.Event;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Says of single records why they were lost or repeated, from what their row's clients saw. */
final class Reasons {
    private static final long NEAR_MS = 8_000;

    private final List<Note> notes;
    private final List<Event> faults;
    private final boolean cache;
    private final boolean storesFirst;
    private final Map<Long, List<Note>> byValue = new HashMap<>();
    private final Map<Long, Integer> timesStored = new HashMap<>();

    /** The reasons of one row's result. */
    static Reasons of(Scene.Result result) {
        Row row = result.row();
        return new Reasons(
                row.journal().notes(), row.journal().history(), result.faults(), row.guarantee());
    }

    /**
     * @param faults as they came, times since the run began
     */
    Reasons(List<Note> notes, List<Operation> history, List<Event> faults, Guarantee guarantee) {
        String topic = guarantee.id();
        this.notes = notes;
        this.faults = faults;
        cache = guarantee.cache();
        storesFirst = guarantee.consuming().storesFirst();
        for (Note note : notes) {
            byValue.computeIfAbsent(note.value(), key -> new ArrayList<>()).add(note);
        }
        for (Operation operation : history) {
            if (operation.process().equals(Crew.LAST_READER)) {
                operation.steps().forEach(step -> count(step, topic));
            }
        }
    }

    private void count(Step step, String topic) {
        if (step instanceof Step.Polled polled) {
            polled.reads()
                    .forEach((place, reads) -> {
                        if (place.topic().equals(topic)) {
                            reads.forEach(read -> timesStored.merge(read.value(), 1, Integer::sum));
                        }
                    });
        }
    }

    /** Why a record that was owed was not delivered. */
    String ofLost(long value) {
        Note sent = first(value, Kind.SENT);
        Note acknowledged = first(value, Kind.ACKNOWLEDGED);
        if (timesStored.getOrDefault(value, 0) > 0 && powerLost()) {
            return "Record %d is in the log, where a record stood that was lost with the power: its group had already stored its position past that offset."
                    .formatted(value);
        }
        if (timesStored.getOrDefault(value, 0) > 0 && storesFirst) {
            return "Record %d is in the log. Its consumer stored its position past it, and crashed before it did the work%s."
                    .formatted(value, after(sent));
        }
        if (timesStored.getOrDefault(value, 0) > 0) {
            return "Record %d is in the log, and nobody had done the work when the lab stopped waiting for it%s."
                    .formatted(value, after(sent));
        }
        if (acknowledged != null) {
            return "Record %d was acknowledged after %s and is not in the log%s."
                    .formatted(value, seconds(acknowledged.atMs()), after(acknowledged));
        }
        return "Record %d was sent after %s without waiting for an answer, and never arrived%s."
                .formatted(value, sent == null ? "?" : seconds(sent.atMs()), after(sent));
    }

    /** Why a record was delivered more than once. */
    String ofDuplicated(long value) {
        List<Note> deliveries =
                byValue.getOrDefault(value, List.of()).stream()
                        .filter(note -> note.kind() == Kind.DELIVERED)
                        .toList();
        Note first = deliveries.getFirst();
        Note again = deliveries.get(1);
        if (timesStored.getOrDefault(value, 0) > 1) {
            return "Record %d is in the log %d times: its producer sent it again%s."
                    .formatted(value, timesStored.get(value), after(first(value, Kind.SENT)));
        }
        return "Record %d was worked on by %s after %s, whose position was not stored%s; %s did it again after %s."
                .formatted(
                        value,
                        first.client(),
                        seconds(first.atMs()),
                        crashed(first),
                        again.client().equals(first.client()) ? "it" : again.client(),
                        seconds(again.atMs()));
    }

    /** Why a record of an aborted transaction was seen. */
    String ofAborted(long value) {
        Note seen = first(value, Kind.DELIVERED);
        Note aborted = first(value, Kind.ABORTED);
        return "Record %d was read after %s, its transaction aborted after %s."
                .formatted(
                        value,
                        seen == null ? "?" : seconds(seen.atMs()),
                        aborted == null ? "?" : seconds(aborted.atMs()));
    }

    /** Why a record came late. */
    String ofReordered(long value) {
        return "Record %d was delivered after one that was sent later%s."
                .formatted(value, after(first(value, Kind.SENT)));
    }

    private String crashed(Note since) {
        return notes.stream()
                .filter(note -> note.kind() == Kind.CRASHED && note.client().equals(since.client()))
                .filter(note -> note.atMs() >= since.atMs() && note.atMs() < since.atMs() + NEAR_MS)
                .findFirst()
                .map(crash -> " (it ended after " + seconds(crash.atMs()) + ")")
                .orElse("");
    }

    private boolean powerLost() {
        return cache && faults.stream().anyMatch(event -> event.fault() == Fault.POWER_LOSS);
    }

    /** The fault that was under way, or the next to come. */
    private String after(@Nullable Note note) {
        if (note == null) {
            return "";
        }
        return faults.stream()
                .filter(event -> event.atMs() + event.forMs() >= note.atMs() - NEAR_MS / 4)
                .filter(event -> event.atMs() <= note.atMs() + NEAR_MS)
                .findFirst()
                .map(event ->
                        " (%s after %s)".formatted(event.fault().past(), seconds(event.atMs())))
                .orElse("");
    }

    private @Nullable Note first(long value, Kind kind) {
        for (Note note : byValue.getOrDefault(value, List.of())) {
            if (note.kind() == kind) {
                return note;
            }
        }
        return null;
    }

    static String seconds(long ms) {
        return "%.1f s".formatted(ms / 1e3);
    }
}
