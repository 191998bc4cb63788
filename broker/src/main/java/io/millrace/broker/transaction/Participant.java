package io.millrace.broker.transaction;

import java.util.Comparator;

/** A partition that takes part in a transaction, that of a group's offsets included. */
public record Participant(String topic, int partition) implements Comparable<Participant> {
    private static final Comparator<Participant> ORDER =
            Comparator.comparing(Participant::topic).thenComparingInt(Participant::partition);

    @Override
    public int compareTo(Participant other) {
        return ORDER.compare(this, other);
    }
}
