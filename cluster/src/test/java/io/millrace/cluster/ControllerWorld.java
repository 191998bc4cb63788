package io.millrace.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.cluster.controller.Command;
import io.millrace.cluster.controller.Controller;
import io.millrace.cluster.controller.Decision;
import io.millrace.cluster.controller.Decision.Accepted;
import io.millrace.cluster.controller.HeldPartitions;
import io.millrace.cluster.controller.Liveness;
import io.millrace.cluster.controller.PartitionIndex;
import io.millrace.cluster.controller.Pieces;
import io.millrace.cluster.controller.Policy;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.ImageBuilder;
import io.millrace.cluster.metadata.PartitionImage;
import io.millrace.cluster.metadata.TopicImage;
import io.millrace.cluster.proto.MetadataRecord;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Nodes, topics and a controller of which every step is checked. */
final class ControllerWorld {
    static final long SESSION_MS = 9_000;

    /** One partition by its topic and index. */
    record Key(UUID topic, int index) {}

    /** A log that has failed, until its node starts again. */
    record Failed(int node, Key partition) {}

    final Random random;
    final Liveness liveness = new Liveness(SESSION_MS);

    /** Who certainly has all that was committed; a partition whose records are lost has none. */
    final Map<Key, Set<Integer>> complete = new HashMap<>();

    final Set<Failed> failed = new HashSet<>();

    /**
     * Who has started and is not registered since, and whether its tail is lost: what the image has
     * of it is over.
     */
    final Map<Integer, Boolean> starting = new HashMap<>();

    PartitionIndex index = new PartitionIndex(ClusterImage.empty("c"));

    /** Whether controllers are cut off. */
    boolean cuts;

    /** Whether the last command was. */
    boolean cut;

    /** Whether a command was, and the next controller has not looked yet what is undone. */
    boolean unfinished;

    ClusterImage image = ClusterImage.empty("c");
    long nowMs;

    ControllerWorld(long seed) {
        random = new Random(seed);
    }

    /** Whether it was accepted, and maybe cut. */
    boolean submit(Command command) {
        Decision decision = Controller.decide(image, command, Policy.DEFAULT, this::heldByIndex);
        if (!(decision instanceof Accepted(List<MetadataRecord> records))) {
            return false;
        }
        index.add(image, records);
        commit(records);
        return true;
    }

    /** Does what an active controller does first. */
    void finish() {
        commit(Controller.finish(image, Policy.DEFAULT).records());
        unfinished &= cut;
        checkStep(image, image);
    }

    private void commit(List<MetadataRecord> records) {
        List<List<MetadataRecord>> pieces =
                Pieces.of(List.of(records), cuts ? random.nextInt(500) : 1_000_000);
        int committed = pieces.size();
        if (cuts && random.nextInt(8) == 0) {
            committed = random.nextInt(committed + 1);
        }
        cut = committed < pieces.size();
        boolean wasUnfinished = unfinished;
        unfinished |= pieces.size() > 1;
        for (List<MetadataRecord> piece : pieces.subList(0, committed)) {
            var builder = new ImageBuilder(image);
            piece.forEach(builder::apply);
            ClusterImage before = image;
            image = builder.build(image.endOffset() + piece.size());
            checkStep(before, image);
        }
        if (cut) {
            unfinished = true;
            liveness.begin(image, nowMs);
            index = random.nextBoolean() ? index : new PartitionIndex(image);
        } else {
            unfinished = wasUnfinished;
            checkStep(image, image);
        }
    }

    /** Shows what the index finds, which is what is there. */
    private void heldByIndex(ClusterImage now, int node, HeldPartitions.Visitor visitor) {
        assertThat(held(index, now, node)).isEqualTo(held(HeldPartitions.BY_SCAN, now, node));
        index.forEach(now, node, visitor);
    }

    private static Map<Key, PartitionImage> held(HeldPartitions by, ClusterImage now, int node) {
        var held = new HashMap<Key, PartitionImage>();
        by.forEach(
                now,
                node,
                (topic, it) -> assertThat(held.put(new Key(topic.id(), it.index()), it)).isNull());
        return held;
    }

    void checkStep(ClusterImage before, ClusterImage after) {
        checkLoads(after);
        for (TopicImage topic : after.topics()) {
            for (PartitionImage is : topic.partitions()) {
                checkShape(after, is);
                PartitionImage was = before.partition(topic.id(), is.index());
                if (was != null) {
                    checkEpochs(was, is);
                }
            }
        }
    }

    /** What is kept of nodes is what one would count. */
    static void checkLoads(ClusterImage image) {
        var holds = new HashMap<Integer, Integer>();
        var leads = new HashMap<Integer, Integer>();
        image.topics()
                .forEach(topic ->
                        topic.partitions()
                                .forEach(it -> {
                                    it.replicas()
                                            .forEach(node -> holds.merge(node, 1, Integer::sum));
                                    if (it.leader() != PartitionImage.NO_LEADER) {
                                        leads.merge(it.leader(), 1, Integer::sum);
                                    }
                                }));
        assertThat(image.loads().keySet()).isEqualTo(holds.keySet());
        image.loads()
                .forEach((node, load) -> {
                    assertThat(load.holds()).isEqualTo(holds.get(node));
                    assertThat(load.leads()).isEqualTo(leads.getOrDefault(node, 0));
                });
    }

    static void checkEpochs(PartitionImage was, PartitionImage is) {
        assertThat(is.leaderEpoch())
                .isEqualTo(was.leaderEpoch() + (was.leader() == is.leader() ? 0 : 1));
        assertThat(is.partitionEpoch()).isEqualTo(was.partitionEpoch() + (was.equals(is) ? 0 : 1));
    }

    void checkShape(ClusterImage image, PartitionImage is) {
        assertThat(is.replicas()).doesNotHaveDuplicates().isNotEmpty();
        assertThat(is.replicas()).containsAll(is.inSyncReplicas()).containsAll(is.eligible());
        assertThat(is.replicas()).containsAll(is.adding()).containsAll(is.removing());
        assertThat(is.eligible()).noneMatch(is.inSyncReplicas()::has);
        assertThat(is.inSyncReplicas()).allMatch(image::isActive);
        if (is.leader() != PartitionImage.NO_LEADER) {
            assertThat(is.inSyncReplicas()).contains(is.leader());
        } else {
            assertThat(is.inSyncReplicas()).isEmpty();
            assertThat(unfinished || is.eligible().stream().noneMatch(image::isActive))
                    .as("nobody leads %s", is)
                    .isTrue();
        }
    }

    /** A leader commits something, if as many are in sync as have to be. */
    void commit() {
        eachPartition((topic, partition) -> {
            int minimum =
                    Math.min(
                            Policy.DEFAULT.of(image, topic.name()).minInSyncReplicas(),
                            partition.replicas().size());
            if (partition.leader() >= 0
                    && partition.inSyncReplicas().stream().noneMatch(starting::containsKey)
                    && partition.inSyncReplicas().size() >= minimum
                    && random.nextInt(3) == 0) {
                complete.put(
                        new Key(topic.id(), partition.index()),
                        new HashSet<>(partition.inSyncReplicas()));
            }
        });
    }

    void checkComplete() {
        eachPartition((topic, partition) -> {
            Set<Integer> holders = complete.get(new Key(topic.id(), partition.index()));
            if (holders != null
                    && !holders.isEmpty()
                    && partition.leader() >= 0
                    && !starting.containsKey(partition.leader())) {
                assertThat(holders)
                        .as("who has all of %s, led as %s", topic.name(), partition)
                        .contains(partition.leader());
            }
        });
    }

    interface Visitor {
        void visit(TopicImage topic, PartitionImage partition);
    }

    void eachPartition(Visitor visitor) {
        image.topics().forEach(topic -> topic.partitions().forEach(it -> visitor.visit(topic, it)));
    }

    @Nullable TopicImage anyTopic() {
        var all = new ArrayList<>(image.topics());
        Collections.sort(all, (a, b) -> a.name().compareTo(b.name()));
        return all.isEmpty() ? null : all.get(random.nextInt(all.size()));
    }

    UUID id() {
        return new UUID(random.nextLong(), random.nextLong());
    }
}
