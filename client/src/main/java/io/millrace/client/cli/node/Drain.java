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
 * Moves all replicas of a node to others, so many at a time, and says how far that is. What is on
 * its way goes on if the command is stopped; the next one takes it up.
 */
public record Drain(Admin admin, int node, boolean shrinks, Consumer<String> say) {
    private static final int AT_ONCE = 100;
    private static final long POLL_MS = 500;

    /** Returns once the node has none. Blocks. */
    public void run() {
        long left = -1;
        while (true) {
            Nodes now = Nodes.of(admin);
            now.require(node);
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
                    if (!broker.isFenced()) {
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

    /** Leaves on the node what has not been moved yet. */
    public void cancel() {
        Nodes now = Nodes.of(admin);
        now.require(node);
        var back = new HashMap<TopicPartition, Optional<NewPartitionReassignment>>();
        now.leaving(node).forEach(where -> back.put(where, Optional.empty()));
        if (!back.isEmpty()) {
            get(admin.alterPartitionReassignments(back).all());
        }
        say.accept("%d replicas stay on node %d".formatted(back.size(), node));
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
