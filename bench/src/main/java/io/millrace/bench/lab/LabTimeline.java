package io.millrace.bench.lab;

import io.millrace.bench.lab.client.Journal.Note;
import io.millrace.bench.lab.client.Tally;
import io.millrace.bench.lab.fault.FaultPlan.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One row over time: a lane a client, a mark a record, a band a fault. Records are drawn at their
 * number's height within the lane, so that going back and repeating can be seen.
 */
final class LabTimeline {
    private static final double WIDTH = 1040;
    private static final double LEFT = 90;
    private static final double RIGHT = 10;
    private static final double TOP = 60;
    private static final double BANDS = 42;
    private static final double LANE = 92;
    private static final double GAP = 14;
    private static final long TICK_MS = 10_000;
    private static final double LETTER = 5.6;
    private static final double LINE = 12;
    private static final int LINES = 3;

    private final Scene.Result result;
    private final List<Note> notes;
    private final List<String> lanes;
    private final double lengthMs;
    private final double largest;

    LabTimeline(Scene.Result result) {
        this.result = result;
        notes = result.row().journal().notes();
        lanes = notes.stream().map(Note::client).distinct().sorted(LabTimeline::byRole).toList();
        lengthMs = Math.max(1, notes.stream().mapToLong(Note::atMs).max().orElse(1));
        largest = Math.max(1, notes.stream().mapToLong(Note::value).max().orElse(1));
    }

    private static int byRole(String a, String b) {
        boolean first = a.equals("producer");
        return first == b.equals("producer") ? a.compareTo(b) : first ? -1 : 1;
    }

    String svg() {
        double height = TOP + lanes.size() * (LANE + GAP) + 20;
        var shapes = new StringBuilder();
        for (Event event : result.faults()) {
            band(shapes, event, height - 20);
        }
        names(shapes);
        for (int i = 0; i < lanes.size(); i++) {
            lane(shapes, lanes.get(i), TOP + i * (LANE + GAP));
        }
        for (long ms = 0; ms <= lengthMs; ms += TICK_MS) {
            shapes.append(text(x(ms), height - 4, "mid", ms / 1000 + " s"));
        }
        return "<svg viewBox='0 0 %s %s' role='img' aria-label='timeline'>%s</svg>"
                .formatted(number(WIDTH), number(height), shapes);
    }

    private void band(StringBuilder shapes, Event event, double bottom) {
        double from = x(event.atMs());
        double width = Math.max(2, x(event.atMs() + event.forMs()) - from);
        shapes.append(
                "<rect x='%s' y='%s' width='%s' height='%s' class='fault f-%s'><title>%s</title></rect>"
                        .formatted(
                                number(from),
                                number(BANDS),
                                number(width),
                                number(bottom - BANDS),
                                event.fault(),
                                "%s after %s"
                                        .formatted(
                                                event.fault().past(),
                                                Reasons.seconds(event.atMs()))));
    }

    /** The faults' names above their bands, each on the lowest line that is free there. */
    private void names(StringBuilder shapes) {
        double[] ends = new double[LINES];
        for (Event event : result.faults()) {
            String name = event.fault().toString();
            double from = x(event.atMs());
            int line = 0;
            while (line < LINES - 1 && ends[line] > from) {
                line++;
            }
            ends[line] = from + name.length() * LETTER;
            shapes.append(text(from, BANDS - 4 - line * LINE, "fault-name", name));
        }
    }

    private void lane(StringBuilder shapes, String client, double top) {
        shapes.append(
                "<line x1='%s' y1='%s' x2='%s' y2='%s' class='grid'/>"
                        .formatted(
                                number(LEFT),
                                number(top + LANE),
                                number(WIDTH - RIGHT),
                                number(top + LANE)));
        shapes.append(text(0, top + LANE / 2, "name", client));
        List<String> styles =
                List.of("l-sent", "l-ack", "l-none", "l-abort", "l-done", "l-twice", "l-lost");
        var paths = new ArrayList<StringBuilder>();
        styles.forEach(style -> paths.add(new StringBuilder()));
        Tally tally = result.tally();
        for (Note note : notes) {
            if (note.client().equals(client)) {
                mark(shapes, note, top, style -> paths.get(styles.indexOf(style)), tally);
            }
        }
        for (int i = 0; i < styles.size(); i++) {
            if (!paths.get(i).isEmpty()) {
                shapes.append("<path d='%s' class='%s'/>".formatted(paths.get(i), styles.get(i)));
            }
        }
    }

    /** Where marks of one style are collected. */
    @FunctionalInterface
    private interface Paths {
        StringBuilder of(String style);
    }

    private void mark(StringBuilder shapes, Note note, double top, Paths paths, Tally tally) {
        double y = top + LANE - 4 - note.value() / largest * (LANE - 8);
        switch (note.kind()) {
            case SENT -> {
                boolean lost = tally.lost().contains(note.value());
                dot(paths.of(lost ? "l-lost" : "l-sent"), note.atMs(), y);
            }
            case ACKNOWLEDGED -> dot(paths.of("l-ack"), note.atMs(), y);
            case NOT_ACKNOWLEDGED -> dot(paths.of("l-none"), note.atMs(), y);
            case ABORTED -> dot(paths.of("l-abort"), note.atMs(), y);
            case DELIVERED -> {
                boolean twice =
                        tally.duplicated().contains(note.value())
                                || tally.abortedSeen().contains(note.value());
                dot(paths.of(twice ? "l-twice" : "l-done"), note.atMs(), y);
            }
            case CRASHED ->
                    shapes.append(
                            "<g class='crash'><title>ended after %s</title><path d='M%s %s l8 8 m0 -8 l-8 8'/></g>"
                                    .formatted(
                                            Reasons.seconds(note.atMs()),
                                            number(x(note.atMs()) - 4),
                                            number(top + LANE - 4)));
            case STORED -> {}
        }
    }

    /** A stroke of no length with round ends is a dot; one path holds thousands. */
    private void dot(StringBuilder path, long atMs, double y) {
        path.append('M').append(number(x(atMs))).append(' ').append(number(y)).append("h0");
    }

    private double x(long ms) {
        return LEFT + ms / lengthMs * (WIDTH - LEFT - RIGHT);
    }

    private static String text(double x, double y, String style, String text) {
        return "<text x='%s' y='%s' class='%s'>%s</text>"
                .formatted(number(x), number(y), style, LabPage.escape(text));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }
}
