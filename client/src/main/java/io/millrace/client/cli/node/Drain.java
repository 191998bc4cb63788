package io.millrace.client.cli.node;

import static io.millrace.client.cli.text.Answers.get;

import io.millrace.client.cli.text.CliException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.common.TopicPartition;

/**
 * Moves all replicas of a node to others, so many at a time, and says how far that is. The node is
 * marked, and gets no new ones until {@link #cancel}, or until it is forgotten. What is on its way
 * goes on if the command is stopped; the next one takes it up.
 */
public record Drain(Admin admin, int node, boolean shrinks, Consumer<String> say) {
    private static final int AT_ONCE = 100;
    private static final long POLL_MS = 500;

    /** A broker that lags may not know of the mark yet. */
    private static final int TIMES_UNMARKED = 3;

    /**
     * Returns once the node has none. Blocks.
     *
     * @throws CliException if there is no room for them elsewhere, or another command cancels it
     */
    public void run() {
        Nodes first = Nodes.of(admin);
        first.require(node);
        plan(first);
        new DrainMarks(admin).add(node);
        long left = -1;
        int unmarked = 0;
        while (true) {
            Nodes now = Nodes.of(admin);
            unmarked = now.drained().contains(node) ? 0 : unmarked + 1;
            if (unmarked == TIMES_UNMARKED) {
                throw new CliException("the drain of node %d was cancelled".formatted(node));
            }
            long before = left;
            left = now.replicas(node);
            int moving = now.leaving(node).size();
            if (left != before) {
                say.accept(
                        left == 0
                                ? "Node %d holds no replicas".formatted(node)
                                : "Node %d holds %d replicas, %d on their way"
                                        .formatted(node, left, moving));
            }
            if (left == 0) {
                return;
            }
            move(plan(now), AT_ONCE - moving);
            pause();
        }
    }

    private Map<TopicPartition, List<Integer>> plan(Nodes now) {
        var racks = new HashMap<Integer, String>();
        now.brokers()
                .values()
                .forEach(broker -> {
                    if (!broker.isFenced() && !now.drained().contains(broker.id())) {
                        racks.put(broker.id(), broker.hasRack() ? broker.rack() : "");
                    }
                });
        var targets = now.targets();
        return new DrainPlan(node, racks, targets.values()).moves(targets, shrinks);
    }

    private void move(Map<TopicPartition, List<Integer>> moves, int atMost) {
        var now = new HashMap<TopicPartition, Optional<NewPartitionReassignment>>();
        moves.entrySet().stream()
                .limit(Math.max(atMost, 0))
                .forEach(move ->
                        now.put(
                                move.getKey(),
                                Optional.of(new NewPartitionReassignment(move.getValue()))));
        if (!now.isEmpty()) {
            get(admin.alterPartitionReassignments(now).all());
        }
    }

    /** Leaves on the node what has not been moved yet; it gets new replicas again. */
    public void cancel() {
        Nodes.of(admin).require(node);
        new DrainMarks(admin).remove(node);
        Nodes now = Nodes.of(admin);
        var back = new HashMap<TopicPartition, Optional<NewPartitionReassignment>>();
        now.leaving(node).forEach(where -> back.put(where, Optional.empty()));
        if (!back.isEmpty()) {
            get(admin.alterPartitionReassignments(back).all());
        }
        say.accept("Node %d keeps %d replicas".formatted(node, now.replicas(node)));
    }

    /** Lets the cluster go on for half a second. */
    public static void pause() {
        try {
            Thread.sleep(POLL_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CliException("interrupted");
        }
    }
}
