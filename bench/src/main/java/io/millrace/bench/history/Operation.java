package io.millrace.bench.history;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One thing that a client did, as that client saw it: a send, a poll, or a transaction of several.
 * The operations of one process do not overlap, and stand in a history in the order they began.
 *
 * @param process the client
 * @param beganNs when it began, on a clock that all clients share
 * @param endedNs when its outcome was known
 * @param steps what it consisted of, in order
 */
public record Operation(
        String process, long beganNs, long endedNs, Outcome outcome, List<Step> steps) {
    public Operation {
        steps = List.copyOf(steps);
    }

    /** What the client was told. */
    public enum Outcome {
        /** It happened. */
        OK,
        /** It did not happen, and never will: refused, or aborted. */
        FAILED,
        /** Nobody knows: no answer came. */
        UNKNOWN
    }

    /** A part of an operation. */
    public sealed interface Step {
        /**
         * A record was sent. Its value is like no other in the history.
         *
         * @param offset that the broker gave it; -1 if that is not known
         */
        record Sent(Place place, long value, long offset) implements Step {}

        /** Records were polled: of each partition some, in order. */
        record Polled(Map<Place, List<Read>> reads) implements Step {
            public Polled {
                reads = Map.copyOf(reads);
            }
        }

        /** From here on the process reads these partitions; what it keeps, it reads on from. */
        record Assigned(Set<Place> places) implements Step {
            public Assigned {
                places = Set.copyOf(places);
            }
        }

        /**
         * A group's position was stored.
         *
         * @param offset of the next record to read
         */
        record Committed(String group, Place place, long offset) implements Step {}

        /**
         * A member of a group began to read a partition where the group had stopped.
         *
         * @param offset of the first record that it read
         */
        record Resumed(String group, Place place, long offset) implements Step {}
    }

    /** A record that was read. */
    public record Read(long offset, long value) {}
}
