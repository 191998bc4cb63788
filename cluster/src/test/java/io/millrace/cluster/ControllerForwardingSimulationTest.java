package io.millrace.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.cluster.ForwardingWorld.Node;
import io.millrace.cluster.MetadataService.Outcome;
import io.millrace.cluster.controller.Command;
import io.millrace.cluster.controller.Decision.Accepted;
import io.millrace.cluster.controller.Decision.Reason;
import io.millrace.cluster.controller.Decision.Refused;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.ConfigResource;
import io.millrace.cluster.metadata.TopicImage;
import io.millrace.cluster.proto.MetadataRecord;
import io.millrace.cluster.quorum.NotControllerException;
import io.millrace.storage.simulation.seed.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Commands and heartbeats from any node, while leaders change and links break, by seed. A submit
 * that is done is visible to who submitted it, and to who asks afterwards; nothing is done twice,
 * and nodes are fenced if and only if they fall silent.
 */
final class ControllerForwardingSimulationTest {
    private static final int SEEDS = 100;
    private static final int STEPS = 400;
    private static final long PATIENCE_MS = 15_000;
    private static final ConfigResource BROKERS =
            new ConfigResource(ConfigResource.Type.BROKER, "");

    /** One history. */
    private static final class History {
        final ForwardingWorld world;
        final List<CompletableFuture<Outcome>> submitted = new ArrayList<>();

        /** The producer ids that were handed out: first of each block, and its end. */
        final TreeMap<Long, Long> producerIds = new TreeMap<>();

        final List<AssertionError> violations = new ArrayList<>();
        int accepted;
        int failed;
        int looked;
        int keys;

        /** What somebody was told to be so lies before it. */
        long acknowledged;

        History(long seed) {
            world = new ForwardingWorld(seed);
        }

        void submit(Node node, Command command) {
            long submitMs = world.nowMs();
            var outcome = node.service.submit(List.of(command));
            submitted.add(outcome);
            var _ =
                    outcome.whenComplete((done, failure) -> {
                        holds(() -> {
                            check(node, command, done, failure);
                            assertThat(world.nowMs() - submitMs).isLessThan(PATIENCE_MS + 200);
                        });
                    });
        }

        private void check(
                Node node, Command command, @Nullable Outcome done, @Nullable Throwable failure) {
            if (done == null) {
                Throwable cause =
                        failure instanceof CompletionException ? failure.getCause() : failure;
                assertThat(cause).isInstanceOf(NotControllerException.class);
                failed++;
                return;
            }
            assertThat(done.image()).isSameAs(node.service.image());
            acknowledged = Math.max(acknowledged, done.image().endOffset());
            switch (done.decisions().getFirst()) {
                case Accepted(List<MetadataRecord> records) -> {
                    accepted++;
                    isVisible(command, records, done.image());
                }
                case Refused refused -> isRightlyRefused(command, refused);
            }
        }

        private void isVisible(Command command, List<MetadataRecord> records, ClusterImage image) {
            switch (command) {
                case Command.CreateTopic create ->
                        assertThat(
                                        image.topic(create.id()) != null
                                                || world.log.wasCreated(create.id())
                                                        && world.log.image().topic(create.id())
                                                                == null)
                                .as("a topic that was created is visible, or deleted")
                                .isTrue();
                case Command.DeleteTopic delete -> assertThat(image.topic(delete.id())).isNull();
                case Command.ChangeConfig change ->
                        assertThat(image.config(BROKERS))
                                .containsKeys(change.changes().keySet().toArray(new String[0]));
                case Command.AllocateProducerIds allocate -> {
                    long end = records.getFirst().getProducerIdsAllocated().getNextProducerId();
                    assertThat(image.nextProducerId()).isGreaterThanOrEqualTo(end);
                    take(end - allocate.count(), end);
                }
                default -> assertThat(image).isNotNull();
            }
        }

        private void take(long first, long end) {
            var before = producerIds.lowerEntry(end);
            assertThat(before == null || before.getValue() <= first)
                    .as("the producer ids from %d on are nobody else's", first)
                    .isTrue();
            producerIds.put(first, end);
        }

        private void isRightlyRefused(Command command, Refused refused) {
            if (command instanceof Command.CreateTopic create) {
                // Or nobody takes part yet.
                assertThat(refused.reason())
                        .isIn(Reason.TOPIC_EXISTS, Reason.INVALID_REPLICATION_FACTOR);
                assertThat(world.log.wasCreated(create.id()))
                        .as("a topic that this command created is no reason to refuse it")
                        .isFalse();
            }
        }

        Command randomCommand(ClusterImage image) {
            String name = "t" + world.random.nextInt(6);
            TopicImage present = image.topic(name);
            return switch (world.random.nextInt(6)) {
                case 0, 1 ->
                        new Command.CreateTopic(
                                world.randomId(), name, 2, 1, List.of(), Map.of("k", "v"));
                case 2 ->
                        new Command.DeleteTopic(present == null ? world.randomId() : present.id());
                case 3 -> new Command.CreatePartitions(name, 3, List.of());
                case 4 -> new Command.ChangeConfig(BROKERS, Map.of("k" + keys++, Optional.of("v")));
                default -> new Command.AllocateProducerIds(1 + world.random.nextInt(100));
            };
        }

        void step() {
            Node node = world.randomNode();
            switch (world.random.nextInt(24)) {
                case 0 -> world.randomNode().lead(world.random.nextInt(4));
                case 1 -> node.cutFrom.add(1 + world.random.nextInt(ForwardingWorld.NODES));
                case 2, 3 -> node.cutFrom.clear();
                case 4 -> node.silent = !node.silent;
                case 5 -> node.silent = false;
                case 6, 7, 8 -> look(node);
                default -> submit(node, randomCommand(node.service.image()));
            }
            world.run(world.random.nextInt(400));
            assertHolds();
        }

        /**
         * Who submits nothing is then told of all that was acknowledged before, to whomever. As in
         * Kafka, a leader that has not heard of its successor may tell less.
         */
        void look(Node node) {
            int elections = world.log.elections();
            long believers = world.nodes.stream().filter(n -> n.member.believesToLead()).count();
            long known = acknowledged;
            var outcome = node.service.submit(List.of());
            submitted.add(outcome);
            var _ =
                    outcome.whenComplete((done, _) -> {
                        if (done != null && believers <= 1 && elections == world.log.elections()) {
                            looked++;
                            holds(() ->
                                    assertThat(done.image().endOffset())
                                            .isGreaterThanOrEqualTo(known));
                        }
                    });
        }

        private void holds(Runnable check) {
            try {
                check.run();
            } catch (AssertionError e) {
                violations.add(e);
            }
        }

        void assertHolds() {
            if (!violations.isEmpty()) {
                throw violations.getFirst();
            }
        }

        /** Once nothing breaks any more, all is decided, all are alike, and all take part. */
        void settle() {
            world.calm = true;
            world.nodes.forEach(node -> {
                node.cutFrom.clear();
                node.silent = false;
            });
            world.run(PATIENCE_MS + 1_000);
            assertHolds();
            assertThat(submitted).allMatch(CompletableFuture::isDone);
            for (Node node : world.nodes) {
                assertThat(node.service.image()).isEqualTo(world.log.image());
                assertThat(node.life.ready()).isDone();
                assertThat(world.log.image().isActive(node.id)).as("node %d", node.id).isTrue();
            }
        }

        /** Who falls silent is fenced after its session, and no other. */
        void fallSilent() {
            Node silent = world.randomNode();
            silent.silent = true;
            world.run(ForwardingWorld.SESSION_MS - 2_500);
            assertThat(world.log.image().liveNodes()).hasSize(ForwardingWorld.NODES);
            world.run(3_000);
            assertThat(world.log.image().liveNodes()).hasSize(ForwardingWorld.NODES - 1);
            assertThat(world.log.image().isLive(silent.id)).isFalse();
            silent.silent = false;
            world.run(1_000);
            assertThat(world.log.image().liveNodes()).hasSize(ForwardingWorld.NODES);
        }
    }

    @Test
    @Tag("simulation")
    void whatIsSubmittedAnywhereIsDoneOnceAndSeenThere() {
        var totals = new int[3];
        Seeds.each(
                SEEDS,
                seed -> {
                    var history = new History(seed);
                    history.world.randomNode().lead(0);
                    for (int step = 0; step < STEPS; step++) {
                        history.step();
                    }
                    history.settle();
                    history.fallSilent();
                    totals[0] += history.accepted;
                    totals[1] += history.failed;
                    totals[2] += history.looked;
                    return history.world.played;
                });
        if (Seeds.areUsual()) {
            assertThat(totals[0]).isGreaterThan(SEEDS * STEPS / 4);
            assertThat(totals[1]).isPositive();
            assertThat(totals[2]).isGreaterThan(SEEDS * STEPS / 50);
        }
    }
}
