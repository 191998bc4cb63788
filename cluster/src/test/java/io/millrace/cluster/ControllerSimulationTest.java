package io.millrace.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.cluster.controller.Command;
import io.millrace.cluster.controller.Command.ChangeNode;
import io.millrace.cluster.controller.DrainedNodes;
import io.millrace.cluster.controller.Growth;
import io.millrace.cluster.controller.Liveness;
import io.millrace.cluster.controller.Liveness.Heartbeat;
import io.millrace.cluster.controller.Policy;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.ConfigResource;
import io.millrace.cluster.metadata.ImageBuilder;
import io.millrace.cluster.metadata.NodeIds;
import io.millrace.cluster.metadata.NodeImage;
import io.millrace.cluster.metadata.NodeImage.Registration;
import io.millrace.cluster.metadata.PartitionImage;
import io.millrace.cluster.metadata.SnapshotRecords;
import io.millrace.cluster.metadata.TopicImage;
import io.millrace.storage.simulation.seed.Seeds;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The controller under nodes that come, fall silent, stop, lose their disks and are forgotten, by
 * seed; what it decides is committed in pieces, and another may take over after any of them. After
 * every piece: who leads is in sync and takes part, epochs rise as they should, and whoever leads
 * has all that could have been committed.
 */
final class ControllerSimulationTest {
    private static final int SEEDS = 600;
    private static final int STEPS = 120;
    private static final ConfigResource ALL_BROKERS =
            new ConfigResource(ConfigResource.Type.BROKER, "");

    private final Map<Integer, UUID> directories = new HashMap<>();

    private void register(ControllerWorld world, int id, boolean wiped, boolean loses) {
        if (wiped) {
            directories.remove(id);
        }
        boolean tailLost = loses || world.starting.getOrDefault(id, false);
        UUID directory = directories.computeIfAbsent(id, _ -> world.id());
        var node =
                new NodeImage(
                        id,
                        "h" + id,
                        9092,
                        id % 2 == 0 ? "even" : "odd",
                        new Registration(0, world.id(), directory, true, false));
        boolean accepted = world.submit(new Command.RegisterNode(node, tailLost));
        if (accepted) {
            world.failed.removeIf(log -> log.node() == id);
            world.starting.remove(id);
            if (world.cut) {
                world.starting.put(id, tailLost);
            }
        }
        if (wiped && !accepted) {
            // The old process goes on with its disk; the new one never joined.
            NodeImage known = Objects.requireNonNull(world.image.nodes().get(id));
            directories.put(id, known.registration().directory());
        } else if (wiped || tailLost) {
            world.complete.values().forEach(holders -> holders.remove(id));
        }
    }

    private static void heartbeat(ControllerWorld world, int id, boolean stops) {
        NodeImage node = world.image.nodes().get(id);
        if (node == null || world.starting.containsKey(id)) {
            return;
        }
        long end = world.image.endOffset() - world.random.nextInt(3);
        var beat =
                new Heartbeat(
                        id,
                        node.registration().epoch() - (world.random.nextInt(20) == 0 ? 1 : 0),
                        end,
                        false,
                        stops);
        Liveness.Beat told = world.liveness.heard(world.image, beat, world.nowMs);
        if (told.change() != null) {
            assertThat(world.submit(told.change())).isTrue();
        }
        // A controller that is cut off before the change is committed answers nothing.
        boolean isTold = told.change() == null || !world.cut;
        if (told.mayStop() && isTold) {
            assertThat(world.image.isLive(id)).isFalse();
            world.eachPartition((topic, it) -> assertThat(it.leader()).isNotEqualTo(id));
        }
    }

    private static void alter(ControllerWorld world) {
        TopicImage topic = world.anyTopic();
        if (topic == null) {
            return;
        }
        Random random = world.random;
        PartitionImage partition =
                topic.partitions().get(random.nextInt(topic.partitions().size()));
        NodeImage leader = world.image.nodes().get(partition.leader());
        if (leader == null || world.starting.containsKey(leader.id())) {
            return;
        }
        NodeIds wanted = partition.inSyncReplicas();
        int other = partition.replicas().get(random.nextInt(partition.replicas().size()));
        boolean joins = !wanted.has(other);
        var key = new ControllerWorld.Key(topic.id(), partition.index());
        if (world.failed.contains(new ControllerWorld.Failed(leader.id(), key))
                || joins && world.failed.contains(new ControllerWorld.Failed(other, key))
                || joins && world.starting.containsKey(other)) {
            return;
        }
        wanted = joins ? wanted.plus(other) : wanted.minus(other);
        boolean accepted =
                world.submit(
                        new Command.AlterPartition(
                                leader.id(),
                                leader.registration().epoch(),
                                topic.id(),
                                partition.index(),
                                partition.leaderEpoch() - (random.nextInt(10) == 0 ? 1 : 0),
                                partition.partitionEpoch() - (random.nextInt(10) == 0 ? 1 : 0),
                                wanted,
                                List.of()));
        Set<Integer> holders = world.complete.get(key);
        if (accepted && !world.cut && joins && holders != null && !holders.isEmpty()) {
            holders.add(other);
        }
    }

    /** A log fails, or is told of again. */
    private static void fail(ControllerWorld world) {
        TopicImage topic = world.anyTopic();
        if (topic == null) {
            return;
        }
        PartitionImage before =
                topic.partitions().get(world.random.nextInt(topic.partitions().size()));
        int id = before.replicas().get(world.random.nextInt(before.replicas().size()));
        NodeImage node = world.image.nodes().get(id);
        if (node == null || !node.isActive() || world.starting.containsKey(id)) {
            return;
        }
        world.failed.add(
                new ControllerWorld.Failed(
                        id, new ControllerWorld.Key(topic.id(), before.index())));
        boolean accepted =
                world.submit(
                        new Command.ReplicaFailed(
                                id, node.registration().epoch(), topic.id(), before.index()));
        PartitionImage is =
                Objects.requireNonNull(world.image.partition(topic.id(), before.index()));
        if (accepted && world.cut) {
            assertThat(is).isEqualTo(before);
        } else if (accepted) {
            assertThat(is.leader()).isNotEqualTo(id);
            assertThat(is.inSyncReplicas().has(id)).isFalse();
        } else {
            assertThat(is).isEqualTo(before);
            assertThat(is.inSyncReplicas().plus(is.eligible()).minus(NodeIds.of(id)))
                    .noneMatch(world.image::isActive);
        }
    }

    private static void administer(ControllerWorld world) {
        Random random = world.random;
        TopicImage topic = world.anyTopic();
        if (topic == null || random.nextInt(6) == 0) {
            int factor = 1 + random.nextInt(3);
            var configs = new HashMap<>(random.nextBoolean() ? Growth.settings(3, 2) : Map.of());
            configs.put(Policy.MIN_IN_SYNC, "" + (1 + random.nextInt(factor)));
            UUID id = world.id();
            var create =
                    new Command.CreateTopic(
                            id,
                            "t" + random.nextInt(5),
                            1 + random.nextInt(4),
                            factor,
                            List.of(),
                            configs);
            if (world.submit(create) && !world.cut) {
                checkPlaced(world, id, factor);
            }
            return;
        }
        int index = random.nextInt(topic.partitions().size());
        Command command =
                switch (random.nextInt(6)) {
                    case 0 -> new Command.ElectLeader(topic.name(), index, false);
                    case 1 -> new Command.BalanceLeaders(10 * random.nextInt(3));
                    case 2 -> new Command.Reassign(topic.name(), index, Optional.empty());
                    case 3 ->
                            new Command.ChangeConfig(
                                    new ConfigResource(ConfigResource.Type.TOPIC, topic.name()),
                                    Map.of(
                                            Policy.MIN_IN_SYNC,
                                            Optional.of("" + (1 + random.nextInt(3)))));
                    default -> {
                        var nodes = new ArrayList<>(world.image.nodes().keySet());
                        Collections.shuffle(nodes, random);
                        yield new Command.Reassign(
                                topic.name(),
                                index,
                                Optional.of(
                                        nodes.subList(
                                                0, Math.min(nodes.size(), 1 + random.nextInt(3)))));
                    }
                };
        var _ = world.submit(command);
    }

    /** Nodes that are emptied or fenced have none of it where there are enough others. */
    private static void checkPlaced(ControllerWorld world, UUID topic, int factor) {
        String drained = world.image.config(ALL_BROKERS).getOrDefault(DrainedNodes.KEY, "");
        Set<Integer> willing = new HashSet<>(world.image.nodes().keySet());
        willing.removeIf(id -> !world.image.isActive(id) || drained.equals("" + id));
        if (willing.size() >= factor) {
            Objects.requireNonNull(world.image.topic(topic))
                    .partitions()
                    .forEach(it -> assertThat(willing).containsAll(it.replicas()));
        }
    }

    /** Topics that are to grow do: all that is due may be done, and takes no replica away. */
    private static void grow(ControllerWorld world) {
        for (Command due : Growth.due(world.image)) {
            if (due instanceof Command.Reassign(String name, int index, var target)) {
                TopicImage topic = Objects.requireNonNull(world.image.topic(name));
                assertThat(target.orElseThrow())
                        .containsAll(topic.partitions().get(index).replicas());
            }
            assertThat(world.submit(due)).as("%s is done", due).isTrue();
        }
    }

    private static void drain(ControllerWorld world) {
        Optional<String> nodes =
                Optional.of(world.random.nextInt(6)).filter(id -> id > 0).map(id -> "" + id);
        var _ =
                world.submit(
                        new Command.ChangeConfig(ALL_BROKERS, Map.of(DrainedNodes.KEY, nodes)));
    }

    private void play(long seed) {
        directories.clear();
        var world = new ControllerWorld(seed);
        world.cuts = true;
        int nodes = 3 + world.random.nextInt(3);
        for (int step = 0; step < STEPS; step++) {
            int id = 1 + world.random.nextInt(nodes);
            world.nowMs += world.random.nextInt(2_000);
            switch (world.random.nextInt(14)) {
                case 0 -> {
                    int kind = world.random.nextInt(8);
                    register(world, id, kind == 0, kind == 1);
                }
                case 1, 2, 3, 4 -> heartbeat(world, id, false);
                case 5 -> heartbeat(world, id, world.random.nextInt(3) == 0);
                case 6 -> world.liveness.silent(world.image, world.nowMs).forEach(world::submit);
                case 7 -> {
                    if (world.random.nextInt(10) == 0) {
                        world.liveness.begin(world.image, world.nowMs);
                    }
                    world.commit();
                }
                case 8, 9 -> alter(world);
                case 10 -> fail(world);
                case 11 -> {
                    grow(world);
                    drain(world);
                }
                default -> administer(world);
            }
            if (world.unfinished && world.random.nextInt(3) == 0) {
                world.finish();
            }
            world.checkComplete();
        }
        assertThat(restored(world.image)).isEqualTo(world.image);
    }

    private static ClusterImage restored(ClusterImage image) {
        var builder = new ImageBuilder(ClusterImage.empty("c"));
        SnapshotRecords.of(image).forEachRemaining(builder::apply);
        return builder.build(image.endOffset());
    }

    @Test
    @Tag("simulation")
    void whoeverLeadsHasAllThatCouldHaveBeenCommitted() {
        Seeds.each(
                SEEDS,
                seed -> {
                    play(seed);
                    return STEPS;
                });
    }

    @Test
    void whoseLogFailedLeavesThePartitionToOthersAndKeepsItWithoutAny() {
        var world = new ControllerWorld(1);
        for (int id = 1; id <= 3; id++) {
            register(world, id, false, false);
            heartbeatAt(world, id, 0);
        }
        var topic = world.id();
        var minimum = Map.of(Policy.MIN_IN_SYNC, "2");
        var replicas = List.of(List.of(1, 2));
        assertThat(world.submit(new Command.CreateTopic(topic, "t", 1, 2, replicas, minimum)))
                .isTrue();

        assertThat(world.submit(failure(world, 1, topic))).isTrue();
        PartitionImage led = Objects.requireNonNull(world.image.partition(topic, 0));
        assertThat(led.leader()).isEqualTo(2);
        assertThat(led.inSyncReplicas()).containsExactly(2);
        assertThat(led.eligible()).containsExactly(1);

        world.submit(new Command.ChangeNode(1, epochOf(world, 1), true, false));
        assertThat(world.submit(failure(world, 2, topic))).isFalse();
        var stale = new Command.ReplicaFailed(2, epochOf(world, 2) - 1, topic, 0);
        assertThat(world.submit(stale)).isFalse();
    }

    private static Command failure(ControllerWorld world, int node, UUID topic) {
        return new Command.ReplicaFailed(node, epochOf(world, node), topic, 0);
    }

    private static long epochOf(ControllerWorld world, int node) {
        return Objects.requireNonNull(world.image.nodes().get(node)).registration().epoch();
    }

    @Test
    void aNodeThatFallsSilentIsFencedAfterItsSessionAndComesBack() {
        var world = new ControllerWorld(1);
        register(world, 1, false, false);
        world.liveness.begin(world.image, 0);
        heartbeatAt(world, 1, 100);
        assertThat(world.image.isActive(1)).isTrue();

        assertThat(world.liveness.silent(world.image, 100 + ControllerWorld.SESSION_MS - 1))
                .isEmpty();
        List<ChangeNode> fences =
                world.liveness.silent(world.image, 100 + ControllerWorld.SESSION_MS);
        fences.forEach(world::submit);
        assertThat(world.image.isActive(1)).isFalse();

        heartbeatAt(world, 1, 20_000);
        assertThat(world.image.isActive(1)).isTrue();
    }

    private static void heartbeatAt(ControllerWorld world, int id, long nowMs) {
        NodeImage node = Objects.requireNonNull(world.image.nodes().get(id));
        var beat =
                new Heartbeat(
                        id, node.registration().epoch(), world.image.endOffset(), false, false);
        Liveness.Beat told = world.liveness.heard(world.image, beat, nowMs);
        if (told.change() != null) {
            assertThat(world.submit(told.change())).isTrue();
        }
    }
}
