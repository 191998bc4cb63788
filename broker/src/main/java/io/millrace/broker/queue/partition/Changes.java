package io.millrace.broker.queue.partition;

import io.millrace.broker.queue.model.Traits;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * What one step has changed, for the log: the offsets touched, whose state is read back when it is
 * stored, and the records that were added to the backlog. Filled by one step.
 */
public final class Changes {
    private final TreeSet<Long> touched = new TreeSet<>();
    private final List<Waiting> waiting = new ArrayList<>();
    private boolean moved;
    private boolean becameAvailable;
    private long floor = -1;

    /** A record that was added to the backlog. */
    public record Waiting(long offset, Traits traits) {}

    void touch(long offset) {
        touched.add(offset);
    }

    void waits(long offset, Traits traits) {
        waiting.add(new Waiting(offset, traits));
    }

    void moved() {
        moved = true;
    }

    void madeAvailable() {
        becameAvailable = true;
    }

    void archivedBelow(long offset) {
        floor = offset;
    }

    /** Offsets whose state is another now, in order. */
    public NavigableSet<Long> touched() {
        return touched;
    }

    public List<Waiting> waiting() {
        return waiting;
    }

    /** All before it were given up; -1 if none were. */
    public long floor() {
        return floor;
    }

    /** Whether there is anything to store. */
    public boolean isEmpty() {
        return touched.isEmpty() && waiting.isEmpty() && !moved && floor < 0;
    }

    /** Whether a consumer that found nothing may now find something. */
    public boolean anyBecameAvailable() {
        return becameAvailable;
    }
}
