package io.millrace.broker.transaction;

import io.millrace.broker.transaction.SimulatedServer.Outcome;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Connections of clients: answers leave in the order in which the requests came, and with something
 * that is lost everything later is.
 */
final class SimulatedConnections {
    private final Map<Long, Deque<Slot>> unanswered = new HashMap<>();
    private final Set<Long> broken = new HashSet<>();
    private long newest;

    /** A request that has come, and its answer once there is one. */
    private static final class Slot {
        private final Consumer<Outcome> send;
        private @Nullable Outcome outcome;

        Slot(Consumer<Outcome> send) {
            this.send = send;
        }
    }

    long connect() {
        return ++newest;
    }

    boolean isBroken(long connection) {
        return broken.contains(connection);
    }

    void breakDown(long connection) {
        broken.add(connection);
    }

    /** A request has come; what is returned takes its answer, and sends it when it is its turn. */
    Consumer<Outcome> received(long connection, Consumer<Outcome> send) {
        Deque<Slot> slots = unanswered.computeIfAbsent(connection, key -> new ArrayDeque<>());
        var slot = new Slot(send);
        slots.add(slot);
        return outcome -> {
            slot.outcome = outcome;
            for (Slot first = slots.peek();
                    first != null && first.outcome != null;
                    first = slots.peek()) {
                slots.remove();
                first.send.accept(first.outcome);
            }
        };
    }

    void crash() {
        unanswered.clear();
    }
}
