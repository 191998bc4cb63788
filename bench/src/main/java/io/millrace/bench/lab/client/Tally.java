package io.millrace.bench.lab.client;

import io.millrace.bench.lab.client.Journal.Kind;
import io.millrace.bench.lab.client.Journal.Note;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a row came to.
 *
 * @param counts by column
 * @param lost records that should have been delivered and were not
 * @param duplicated records delivered more than once
 * @param reordered records first delivered after one sent later
 * @param abortedSeen records delivered though they were aborted
 */
public record Tally(
        Map<Column, Integer> counts,
        Set<Long> lost,
        Set<Long> duplicated,
        Set<Long> reordered,
        Set<Long> abortedSeen) {
    /**
     * Counts a row's notes.
     *
     * @param expectSent whether what was sent is owed, or only what was acknowledged
     */
    public static Tally of(List<Note> notes, boolean expectSent) {
        Set<Long> sent = values(notes, Kind.SENT);
        Set<Long> acknowledged = values(notes, Kind.ACKNOWLEDGED);
        Set<Long> aborted = values(notes, Kind.ABORTED);
        Set<Long> delivered = values(notes, Kind.DELIVERED);
        var lost = new LinkedHashSet<>(expectSent ? sent : acknowledged);
        lost.removeAll(delivered);
        lost.removeAll(aborted);
        var abortedSeen = new LinkedHashSet<>(delivered);
        abortedSeen.retainAll(aborted);
        Set<Long> duplicated = duplicated(notes);
        Set<Long> reordered = reordered(notes);
        var counts = new EnumMap<Column, Integer>(Column.class);
        counts.put(Column.SENT, sent.size());
        counts.put(Column.ACKNOWLEDGED, acknowledged.size());
        counts.put(Column.DELIVERED, delivered.size());
        counts.put(Column.LOST, lost.size());
        counts.put(Column.DUPLICATED, duplicated.size());
        counts.put(Column.REORDERED, reordered.size());
        counts.put(Column.ABORTED_SEEN, abortedSeen.size());
        return new Tally(counts, lost, duplicated, reordered, abortedSeen);
    }

    private static Set<Long> values(List<Note> notes, Kind kind) {
        var values = new LinkedHashSet<Long>();
        for (Note note : notes) {
            if (note.kind() == kind) {
                values.add(note.value());
            }
        }
        return values;
    }

    private static Set<Long> duplicated(List<Note> notes) {
        var once = new HashSet<Long>();
        var twice = new LinkedHashSet<Long>();
        for (Note note : notes) {
            if (note.kind() == Kind.DELIVERED && !once.add(note.value())) {
                twice.add(note.value());
            }
        }
        return twice;
    }

    /** Values grow in the order of sending, partition by partition. */
    private static Set<Long> reordered(List<Note> notes) {
        var seen = new HashSet<Long>();
        var late = new LinkedHashSet<Long>();
        Map<Integer, Long> largest = new HashMap<>();
        for (Note note : notes) {
            if (note.kind() != Kind.DELIVERED || !seen.add(note.value())) {
                continue;
            }
            long before = largest.getOrDefault(note.place(), -1L);
            if (note.value() < before) {
                late.add(note.value());
            } else {
                largest.put(note.place(), note.value());
            }
        }
        return late;
    }

    public int count(Column column) {
        return counts.getOrDefault(column, 0);
    }

    /** The columns that must be zero and are not. */
    public List<Column> broken(Guarantee guarantee) {
        return guarantee.outcome().zero().stream().filter(column -> count(column) > 0).toList();
    }
}
