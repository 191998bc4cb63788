package io.millrace.broker.group.assign;

import java.util.Map;
import java.util.SortedMap;
import java.util.UUID;

/**
 * Gives members as equal numbers of partitions as their subscriptions allow, and leaves with each
 * as much as possible of what it had.
 */
public final class UniformAssignor implements Assignor {
    @Override
    public String name() {
        return "uniform";
    }

    @Override
    public Map<String, Partitions> assign(
            SortedMap<String, Candidate> members, Map<UUID, Integer> topics) {
        var balance = new Balance(members, topics);
        balance.keepCurrent();
        balance.giveOut();
        balance.even();
        return balance.result();
    }
}
