package io.millrace.broker.simulation.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.loop.Partition;
import io.millrace.cluster.controller.Command;
import io.millrace.cluster.controller.Policy;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.PartitionImage;
import io.millrace.storage.plan.Quarantine;
import io.millrace.storage.simulation.disk.SimulatedCrash;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.apache.kafka.common.message.FetchRequestData;
import org.jspecify.annotations.Nullable;

/**
 * Three or five nodes that all vote, one partition, its producers and a consumer; and what befalls
 * them. All of one seed. After every event: what anybody shows, has acknowledged or has committed
 * is so everywhere and for ever.
 */
final class SimulatedCluster {
    static final UUID TOPIC_ID = new UUID(7, 7);
    private static final String TOPIC = "t";
    private static final long HEALING_MS = 30_000;
    private static final long QUIET_MS = 15_000;

    final Events events;
    final Mistake mistake;
    final Truth truth = new Truth();
    private final List<SimulatedNode> nodes = new ArrayList<>();
    private final List<SimulatedProducer> producers = new ArrayList<>();
    private final SimulatedConsumer consumer = new SimulatedConsumer(this);

    /** Whether, and then once, bits are flipped on a disk. */
    private final boolean damages;

    /** How many of five faults are of nodes; the others are of the network, or move leaders. */
    private final int breaksInFive;

    private @Nullable Throwable violation;
    private long nextValue;
    private boolean quiet;

    /** Whether the partition's leader is cut off when it writes something next. */
    private boolean deposes;

    /** The latest epoch of the quorum in which somebody was voted for; and what comes of it. */
    private int votedEpoch;

    private boolean votersDie;

    SimulatedCluster(long seed, Mistake mistake) {
        events = new Events(seed);
        this.mistake = mistake;
        int count = 3 + 2 * events.random.nextInt(2);
        damages = events.random.nextInt(8) == 0;
        breaksInFive = events.random.nextBoolean() ? 3 : 1;
        for (int id = 1; id <= count; id++) {
            nodes.add(new SimulatedNode(id, this));
        }
        for (int id = 0; id < 3; id++) {
            producers.add(new SimulatedProducer(id, id > 0, this));
        }
    }

    List<SimulatedNode> nodes() {
        return nodes;
    }

    SimulatedNode node(int id) {
        return nodes.get(id - 1);
    }

    UUID randomId() {
        return new UUID(events.random.nextLong(), events.random.nextLong());
    }

    long nextValue() {
        return nextValue++;
    }

    SimulatedProducer producerOf(long value) {
        return producers.stream().filter(it -> it.wrote(value)).findFirst().orElseThrow();
    }

    boolean hasDamage() {
        return nodes.stream().anyMatch(node -> node.damaged);
    }

    /**
     * Some checks run where exceptions are caught: what they throw ends the history all the same.
     */
    void guarded(Runnable check) {
        try {
            check.run();
        } catch (AssertionError | RuntimeException e) {
            violation = violation == null ? e : violation;
        }
    }

    /** A log has bad bytes in its midst: only where a bit was flipped. */
    void quarantined(SimulatedNode node, Quarantine.Range range) {
        guarded(() ->
                assertThat(node.damaged || mistake == Mistake.SYNC_LOST)
                        .as("whether %s may be bad on node %d", range, node.id)
                        .isTrue());
        node.damaged = true;
    }

    /** What a leader does not look at, if that is the mistake. */
    void plant(FetchRequestData.FetchPartition wanted) {
        if (mistake == Mistake.TRUNCATION_SKIPPED) {
            wanted.setLastFetchedEpoch(-1);
        }
        if (mistake == Mistake.EPOCH_NOT_CHECKED) {
            wanted.setCurrentLeaderEpoch(-1);
        }
    }

    /** A message has come to a node. */
    void on(SimulatedNode node, Runnable task) {
        if (node.isRunning()) {
            task.run();
        }
    }

    /** Sends to whoever some node takes for the leader; the answer may come twice or never. */
    <T> void toLeader(BiConsumer<SimulatedNode, Consumer<T>> request, Consumer<T> answer) {
        ClusterImage image = events.any(nodes).image();
        PartitionImage partition = image == null ? null : image.partition(TOPIC_ID, 0);
        if (partition == null || partition.leader() < 0) {
            return;
        }
        SimulatedNode leader = node(partition.leader());
        events.send(
                Events.OUTSIDE,
                leader.id,
                () ->
                        on(
                                leader,
                                () ->
                                        request.accept(
                                                leader,
                                                reply ->
                                                        events.send(
                                                                leader.id,
                                                                Events.OUTSIDE,
                                                                () -> answer.accept(reply)))));
    }

    /** Plays a history; returns how many events it had. */
    long play(long lengthMs) {
        nodes.forEach(node -> later(events.random.nextInt(200), () -> startIfDown(node)));
        later(1_000, this::create);
        later(1_500, this::clients);
        later(2_000, this::fault);
        long played = run(events.elapsedMs() + lengthMs);
        events.calm();
        for (SimulatedNode node : nodes) {
            // What has failed of a node that runs is over with a restart only.
            if (!node.damaged || !node.isRunning()) {
                node.crash(false);
            }
            startIfDown(node);
        }
        played += run(events.elapsedMs() + HEALING_MS - QUIET_MS);
        quiet = true;
        played += run(events.elapsedMs() + QUIET_MS);
        if (hasDamage()) {
            checkRepaired();
        } else {
            checkHealed();
        }
        return played;
    }

    private long run(long untilMs) {
        long played = 0;
        while (events.elapsedMs() < untilMs) {
            step();
            played++;
            for (SimulatedNode node : nodes) {
                if (node.disk.hasCrashed()) {
                    crash(node, events.random.nextBoolean());
                }
            }
            nodes.forEach(node -> node.check(truth));
            if (violation != null) {
                throw new AssertionError(
                        "at %d ms: %s".formatted(events.elapsedMs(), violation.getMessage()),
                        violation);
            }
        }
        return played;
    }

    private void step() {
        try {
            events.step();
        } catch (SimulatedCrash dies) {
            assertThat(nodes).as("whose process dies").anyMatch(node -> node.disk.hasCrashed());
        }
    }

    private void later(long delayMs, Runnable task) {
        events.later(delayMs, task);
    }

    private void create() {
        SimulatedNode node = events.any(nodes);
        ClusterImage image = node.image();
        SimulatedLife life = node.life();
        if (image != null && image.topic(TOPIC_ID) != null) {
            return;
        }
        if (life != null) {
            var configs = Map.of(Policy.MIN_IN_SYNC, "2");
            var command = new Command.CreateTopic(TOPIC_ID, TOPIC, 1, 3, List.of(), configs);
            var _ = life.service().submit(List.of(command));
        }
        later(500, this::create);
    }

    private void clients() {
        producers.forEach(producer -> producer.tick(quiet));
        consumer.tick();
        later(1 + events.random.nextInt(60), this::clients);
    }

    private void startIfDown(SimulatedNode node) {
        if (!node.isRunning() && !node.start()) {
            crash(node, false);
        }
    }

    /** It is gone, and started again some time. */
    void crash(SimulatedNode node, boolean losesPower) {
        node.crash(losesPower);
        later(10 + events.random.nextInt(5_000), () -> startIfDown(node));
    }

    private void fault() {
        if (events.isCalm()) {
            return;
        }
        SimulatedNode node = events.any(nodes);
        if (events.random.nextInt(5) < breaksInFive) {
            breakDown(node);
        } else {
            move(node);
        }
        later(200 + events.random.nextInt(1_500), this::fault);
    }

    private void move(SimulatedNode node) {
        switch (events.random.nextInt(10)) {
            case 0 -> events.part(node.id, events.any(nodes).id);
            case 1 -> events.isolate(node.id, nodes.size());
            case 2, 3, 4 -> events.mend();
            case 5, 6, 7 -> deposes = true;
            default -> prefer(node);
        }
    }

    private void breakDown(SimulatedNode node) {
        switch (events.random.nextInt(8)) {
            case 0, 1 -> crash(node, false);
            case 2, 3 -> crash(node, true);
            case 4 -> nodes.forEach(each -> crash(each, true));
            case 5 -> node.disk.crashIn(events.random.nextInt(30));
            case 6 -> fail(node);
            default -> damage(node);
        }
    }

    /**
     * A leader of the partition has written something. If it is to be deposed it neither hears the
     * other nodes from now on nor is heard by them; clients reach it still. So it has, and goes on
     * to write, what the next leader has not.
     */
    void written(SimulatedNode leader) {
        if (deposes && !events.isCalm()) {
            deposes = false;
            events.isolate(leader.id, nodes.size());
            later(2_500 + events.random.nextInt(2_000), events::mend);
        }
    }

    /** A follower cuts off its log: it is to have caught up, and leaders to change, soon after. */
    void cutsOff() {
        later(500 + events.random.nextInt(2_500), () -> prefer(events.any(nodes)));
    }

    /**
     * A voter has given its vote. In some elections each that did loses power right then, with all
     * that it had not synced, and whoever is elected is cut off: the others hold one more.
     */
    void voted(SimulatedNode voter, int epoch, int candidate) {
        guarded(() -> truth.voted(voter.id, epoch, candidate));
        if (events.isCalm()) {
            return;
        }
        if (epoch > votedEpoch) {
            votedEpoch = epoch;
            votersDie = events.random.nextInt(4) == 0;
            if (votersDie) {
                later(20 + events.random.nextInt(80), () -> cutOff(candidate));
            }
        }
        if (votersDie && epoch == votedEpoch) {
            later(events.random.nextInt(60), () -> blink(voter));
        }
    }

    private void cutOff(int id) {
        if (!events.isCalm()) {
            events.isolate(id, nodes.size());
        }
    }

    /** Loses power, and is started again at once. */
    private void blink(SimulatedNode node) {
        if (!events.isCalm() && node.isRunning()) {
            node.crash(true);
            later(10 + events.random.nextInt(200), () -> startIfDown(node));
        }
    }

    /** Its disk fails for a moment; after a while somebody starts it again. */
    private void fail(SimulatedNode node) {
        if (events.random.nextBoolean()) {
            node.disk.failSyncs(1);
        } else {
            node.disk.failWrites(1);
        }
        later(500 + events.random.nextInt(3_000), () -> crash(node, events.random.nextBoolean()));
    }

    /** Flips a bit of the partition, of what has long been written; of one node only. */
    private void damage(SimulatedNode node) {
        if (!damages || hasDamage()) {
            return;
        }
        List<Path> files =
                node.disk.files().stream()
                        .filter(file -> file.startsWith("/data/t-0"))
                        .filter(file -> file.toString().endsWith(".log"))
                        .filter(file -> node.disk.bytes(file).length > 1_000)
                        .toList();
        if (!files.isEmpty()) {
            Path file = events.any(files);
            int half = node.disk.bytes(file).length / 2;
            node.damaged = true;
            node.disk.flip(file, events.random.nextInt(half), events.random.nextInt(8));
        }
    }

    /** Has one of the replicas lead that did not, or did long ago. */
    private void prefer(SimulatedNode node) {
        SimulatedLife life = node.life();
        PartitionImage partition = truth.partition();
        if (life != null && partition != null && !events.isCalm()) {
            List<Integer> order = new ArrayList<>();
            partition.replicas().forEach(order::add);
            Collections.shuffle(order, events.random);
            var _ =
                    life.service()
                            .submit(
                                    List.of(
                                            new Command.Reassign(TOPIC, 0, Optional.of(order)),
                                            new Command.ElectLeader(TOPIC, 0, false)));
        }
    }

    /** What was found to be bad, on a leader or a follower, was fetched from another replica. */
    private void checkRepaired() {
        for (SimulatedNode node : nodes) {
            SimulatedLife life = node.life();
            Partition partition = life == null ? null : life.partition();
            if (partition != null && partition.isOpen() && !partition.isOffline()) {
                assertThat(partition.log().quarantined())
                        .as("bad on node %d, of %s", node.id, nodes)
                        .isEmpty();
            }
        }
    }

    private void checkHealed() {
        ClusterImage image = Objects.requireNonNull(node(1).image());
        PartitionImage partition = Objects.requireNonNull(image.partition(TOPIC_ID, 0));
        assertThat(partition.leader()).as("leader of %s, %s", partition, nodes).isPositive();
        Partition led = partitionOf(partition.leader());
        truth.checkComplete(led.log());
        assertThat(partition.inSyncReplicas())
                .as("in sync of %s: %s", partition, nodes)
                .hasSize(partition.replicas().size());
        assertThat(led.highWatermark())
                .as("committed: %s", nodes)
                .isEqualTo(led.log().logEndOffset());
        assertThat(producers).as("producers, %s", nodes).allMatch(SimulatedProducer::isDone);
        assertThat(led.lastStableOffset()).as("stable: %s", nodes).isEqualTo(led.highWatermark());
        assertThat(consumer.position()).as("read, of %s", nodes).isEqualTo(led.highWatermark());
        var all = Truth.entries(led.log(), 0, led.highWatermark());
        for (int replica : partition.replicas()) {
            Partition other = partitionOf(replica);
            assertThat(other.log().logEndOffset()).isEqualTo(led.log().logEndOffset());
            assertThat(Truth.entries(other.log(), 0, other.log().logEndOffset())).isEqualTo(all);
            assertThat(other.log().activeProducers())
                    .as("producers on node %d", replica)
                    .hasSameSizeAs(led.log().activeProducers());
        }
        for (SimulatedNode node : nodes) {
            assertThat(node.image()).as("image of node %d", node.id).isEqualTo(image);
        }
        assertThat(truth.acknowledged()).isNotEmpty();
    }

    private Partition partitionOf(int id) {
        SimulatedLife life = Objects.requireNonNull(node(id).life());
        return Objects.requireNonNull(life.partition());
    }
}
