package io.millrace.cluster.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.cluster.controller.Command;
import io.millrace.cluster.controller.Controller;
import io.millrace.cluster.controller.Decision;
import io.millrace.cluster.controller.Decision.Accepted;
import io.millrace.cluster.controller.Decision.Reason;
import io.millrace.cluster.controller.Decision.Refused;
import io.millrace.cluster.controller.Liveness;
import io.millrace.cluster.controller.Policy;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.ImageBuilder;
import io.millrace.cluster.metadata.NodeImage;
import io.millrace.cluster.metadata.PartitionImage;
import io.millrace.cluster.proto.MetadataRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Nodes that hold one partition, a controller that decides at once, and a network that loses,
 * delays, repeats and parts: all of one seed. Checks after every event that nobody shows, and
 * nobody was acknowledged, what is not so everywhere and for ever.
 */
final class SimulatedCluster {
    static final String TOPIC = "t";
    static final UUID TOPIC_ID = new UUID(7, 7);
    static final int MOST_UNCOMMITTED = 40;
    private static final long SESSION_MS = 2_000;
    private static final int REPLICAS = 3;
    private static final Set<Reason> FINAL =
            Set.of(Reason.INELIGIBLE_REPLICA, Reason.INVALID_REQUEST);

    final Random random;
    final Mistake mistake;
    long nowMs;

    private final List<SimulatedNode> nodes = new ArrayList<>();
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final Liveness liveness = new Liveness(SESSION_MS);
    private final Map<Long, SimulatedLog.Entry> shown = new HashMap<>();
    private final Map<Long, Long> acknowledged = new HashMap<>();
    private final NavigableMap<Integer, Long> acknowledgedEnds = new TreeMap<>();
    private final Map<Integer, Integer> leaders = new HashMap<>();
    private final Set<Long> parted = new HashSet<>();
    private final Map<Integer, Long> imagesUntil = new HashMap<>();
    private final Map<Integer, Long> checked = new HashMap<>();
    private ClusterImage image = ClusterImage.empty("c");
    private long sequence;
    private long nextValue;
    private int wipes;
    private boolean calm;
    private long quietFromMs = Long.MAX_VALUE;

    private record Event(long atMs, long order, Runnable task) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            return atMs == other.atMs
                    ? Long.compare(order, other.order)
                    : Long.compare(atMs, other.atMs);
        }
    }

    SimulatedCluster(long seed, Mistake mistake) {
        this.random = new Random(seed);
        this.mistake = mistake;
        int count = REPLICAS + 2 * random.nextInt(2);
        for (int id = 1; id <= count; id++) {
            nodes.add(new SimulatedNode(id, this));
        }
    }

    UUID id() {
        return new UUID(random.nextLong(), random.nextLong());
    }

    SimulatedNode node(int id) {
        return nodes.get(id - 1);
    }

    void later(long delayMs, Runnable task) {
        events.add(new Event(nowMs + delayMs, sequence++, task));
    }

    /** A message; may be lost, late, or come twice. */
    void send(int from, int to, Runnable delivery) {
        if (!calm && (random.nextInt(15) == 0 || parted.contains(pair(from, to)))) {
            return;
        }
        boolean slowNet = mistake == Mistake.LATE_ANSWER_TAKEN;
        int copies = !calm && random.nextInt(slowNet ? 3 : 20) == 0 ? 2 : 1;
        for (int i = 0; i < copies; i++) {
            int slow = !calm && random.nextInt(slowNet ? 3 : 30) == 0 ? 2_000 : 30;
            later(1 + random.nextInt(slow), delivery);
        }
    }

    private static long pair(int from, int to) {
        return from * 100L + to;
    }

    void toController(SimulatedNode from, Command command) {
        toController(from, command, () -> {});
    }

    void toController(SimulatedNode from, Command command, Runnable refused) {
        int life = from.life();
        send(
                from.id,
                0,
                () -> {
                    boolean forGood =
                            decide(command) instanceof Refused(Reason reason, String _)
                                    && FINAL.contains(reason);
                    if (forGood) {
                        send(
                                0,
                                from.id,
                                () -> {
                                    if (from.life() == life) {
                                        refused.run();
                                    }
                                });
                    }
                });
    }

    void heartbeat(SimulatedNode from, Liveness.Heartbeat beat) {
        send(
                from.id,
                0,
                () -> {
                    Liveness.Beat told = liveness.heard(image, beat, nowMs);
                    if (told.change() != null) {
                        decide(told.change());
                    }
                });
    }

    private Decision decide(Command command) {
        Decision decision = Controller.decide(image, command, Policy.DEFAULT);
        if (decision instanceof Accepted(List<MetadataRecord> records) && !records.isEmpty()) {
            var builder = new ImageBuilder(image);
            records.forEach(builder::apply);
            image = builder.build(image.endOffset() + records.size());
            nodes.forEach(this::publish);
        }
        return decision;
    }

    /** Metadata comes to each node in order, some time. */
    private void publish(SimulatedNode to) {
        ClusterImage published = image;
        int life = to.life();
        int slow = !calm && random.nextInt(10) == 0 ? 3_000 : 40;
        long at = Math.max(nowMs + 1 + random.nextInt(slow), imagesUntil.getOrDefault(to.id, 0L));
        imagesUntil.put(to.id, at);
        later(
                at - nowMs,
                () -> {
                    if (to.running && to.life() == life) {
                        to.see(published);
                    }
                });
    }

    void leads(SimulatedNode node, int epoch) {
        Integer other = leaders.putIfAbsent(epoch, node.id);
        assertThat(other).as("who leads in epoch %d", epoch).isIn(null, node.id);
    }

    void acknowledged(int epoch, long offset, long value) {
        acknowledged.put(offset, value);
        acknowledgedEnds.merge(epoch, offset + 1, Math::max);
    }

    void truncates(SimulatedNode node, long to) {
        checked.merge(node.id, to, Math::min);
    }

    /** Plays a history; returns how many events it had. */
    long play(int mostEvents) {
        nodes.forEach(this::begin);
        later(100, this::create);
        later(200, this::client);
        later(500, this::fault);
        later(300, this::watch);
        long played = 0;
        while (played < mostEvents) {
            step();
            played++;
        }
        calm = true;
        parted.clear();
        nodes.stream().filter(node -> !node.running).forEach(SimulatedNode::start);
        quietFromMs = nowMs + 15_000;
        for (long until = nowMs + 20_000; nowMs < until; played++) {
            step();
        }
        checkHealed();
        return played;
    }

    private void begin(SimulatedNode node) {
        node.start();
        later(1 + random.nextInt(100), () -> tick(node));
    }

    private void step() {
        Event next = events.remove();
        nowMs = next.atMs();
        next.task().run();
        nodes.stream().filter(node -> node.running).forEach(this::checkShown);
    }

    private void tick(SimulatedNode node) {
        if (node.running) {
            if (isRegistered(node)) {
                node.tick();
            } else if (random.nextInt(10) == 0) {
                node.register();
            }
        }
        later(50 + random.nextInt(60), () -> tick(node));
    }

    /** A registration may be lost: the node sends it again. */
    private boolean isRegistered(SimulatedNode node) {
        NodeImage known = image.nodes().get(node.id);
        return known != null && known.registration().incarnation().equals(node.incarnation());
    }

    private void create() {
        var configs = Map.of(Policy.MIN_IN_SYNC, "2");
        var command = new Command.CreateTopic(TOPIC_ID, TOPIC, 1, REPLICAS, List.of(), configs);
        if (decide(command) instanceof Refused) {
            later(100, this::create);
        }
    }

    private void client() {
        if (nowMs >= quietFromMs) {
            return;
        }
        for (SimulatedNode node : nodes) {
            if (node.leads()) {
                node.produce(nextValue++);
            }
        }
        later(1 + random.nextInt(60), this::client);
    }

    private void watch() {
        liveness.silent(image, nowMs).forEach(this::decide);
        later(300, this::watch);
    }

    private void fault() {
        if (calm) {
            return;
        }
        SimulatedNode node = nodes.get(random.nextInt(nodes.size()));
        switch (random.nextInt(8)) {
            case 0, 1 -> {
                if (node.running) {
                    boolean wiped = wipes == 0 && random.nextInt(12) == 0;
                    wipes += wiped ? 1 : 0;
                    node.crash(wiped);
                    forget(node);
                    later(
                            10 + random.nextInt(6_000),
                            () -> {
                                if (!node.running) {
                                    node.start();
                                }
                            });
                }
            }
            case 2 -> {
                SimulatedNode other = nodes.get(random.nextInt(nodes.size()));
                parted.add(pair(node.id, other.id));
            }
            case 3 -> {
                nodes.forEach(other -> parted.add(pair(node.id, other.id)));
                nodes.forEach(other -> parted.add(pair(other.id, node.id)));
                parted.add(pair(node.id, 0));
            }
            case 4, 5 -> parted.clear();
            case 6 -> nodes.forEach(each -> crash(each, false));
            default -> decide(new Command.ElectLeader(TOPIC, 0, false));
        }
        later(200 + random.nextInt(1_500), this::fault);
    }

    private void crash(SimulatedNode node, boolean wiped) {
        if (node.running) {
            wipes += wiped ? 1 : 0;
            node.crash(wiped);
            forget(node);
            later(
                    10 + random.nextInt(6_000),
                    () -> {
                        if (!node.running) {
                            node.start();
                        }
                    });
        }
    }

    private void forget(SimulatedNode node) {
        checked.put(node.id, 0L);
    }

    /** What a node shows is what every node that shows it shows. */
    private void checkShown(SimulatedNode node) {
        long from = checked.getOrDefault(node.id, 0L);
        long to = node.highWatermark();
        assertThat(to).as("high watermark of node %d", node.id).isLessThanOrEqualTo(node.log.end());
        for (long offset = from; offset < to; offset++) {
            SimulatedLog.Entry entry = node.log.get(offset);
            SimulatedLog.Entry before = shown.putIfAbsent(offset, entry);
            assertThat(entry)
                    .as("what node %d shows at %d at %d ms", node.id, offset, nowMs)
                    .isEqualTo(before == null ? entry : before);
        }
        checked.put(node.id, Math.max(from, to));
        node.toldEnd().ifPresent(end -> checkEnd(node, end));
    }

    /** An end is past all that was acknowledged in this leader's epoch, and in those before. */
    private void checkEnd(SimulatedNode node, long end) {
        acknowledgedEnds
                .headMap(node.epochLed(), true)
                .values()
                .forEach(acknowledgedEnd ->
                        assertThat(end)
                                .as("the end that node %d tells at %d ms", node.id, nowMs)
                                .isGreaterThanOrEqualTo(acknowledgedEnd));
    }

    private void checkHealed() {
        PartitionImage partition = Objects.requireNonNull(image.partition(TOPIC_ID, 0));
        boolean onlyHolderWiped =
                wipes > 0
                        && acknowledged.isEmpty()
                        && partition.leader() == PartitionImage.NO_LEADER;
        if (onlyHolderWiped) {
            return;
        }
        assertThat(partition.leader()).as("leader of %s", partition).isPositive();
        SimulatedLog led = node(partition.leader()).log;
        acknowledged.forEach((offset, value) -> {
            assertThat(led.end()).as("end of the log that holds %d", offset).isGreaterThan(offset);
            assertThat(led.get(offset).value()).as("record %d", offset).isEqualTo(value);
        });
        assertThat(partition.inSyncReplicas())
                .as("in sync of %s: %s, %s", partition, nodes, image.nodes())
                .hasSize(partition.replicas().size());
        long committed = node(partition.leader()).highWatermark();
        assertThat(committed).isEqualTo(led.end());
        for (int replica : partition.replicas()) {
            for (long offset = 0; offset < committed; offset++) {
                assertThat(node(replica).log.get(offset)).isEqualTo(led.get(offset));
            }
        }
        assertThat(acknowledged).isNotEmpty();
    }
}
