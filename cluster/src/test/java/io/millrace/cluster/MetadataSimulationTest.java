package io.millrace.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.cluster.controller.Command;
import io.millrace.cluster.controller.Decision.Accepted;
import io.millrace.cluster.controller.Decision.Refused;
import io.millrace.cluster.controller.Policy;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.ConfigResource;
import io.millrace.cluster.metadata.NodeImage;
import io.millrace.cluster.metadata.TopicImage;
import io.millrace.cluster.proto.MetadataRecord;
import io.millrace.cluster.quorum.MetadataQuorum;
import io.millrace.cluster.quorum.QuorumDescription;
import io.millrace.cluster.quorum.Standing;
import io.millrace.storage.StorageException;
import io.millrace.storage.simulation.seed.Seeds;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The metadata service on a quorum that commits late, refuses, snapshots and forgets, by seed. */
final class MetadataSimulationTest {
    private static final int SEEDS = 300;
    private static final int STEPS = 80;
    private static final NodeImage NODE = new NodeImage(1, "localhost", 9092, "");

    /** What a disk keeps: a snapshot and the records after it. */
    private static final class Stored {
        final List<MetadataRecord> log = new ArrayList<>();
        long logStart;
        @Nullable List<MetadataRecord> snapshot;
    }

    /** Commits what was proposed when it is told to; refuses or throws when it is told to. */
    private static final class SimulatedQuorum implements MetadataQuorum {
        private record Pending(List<MetadataRecord> records, CompletableFuture<Long> committed) {}

        private final Stored stored;
        private final List<Pending> pending = new ArrayList<>();
        private @Nullable Listener listener;
        private boolean refusing;
        private boolean throwing;

        SimulatedQuorum(Stored stored) {
            this.stored = stored;
        }

        private Listener listener() {
            if (listener == null) {
                throw new IllegalStateException("not started");
            }
            return listener;
        }

        @Override
        public void start(Listener told) {
            listener = told;
            if (stored.snapshot != null) {
                told.restored(stored.snapshot.iterator(), stored.logStart);
            }
            told.committed(List.copyOf(stored.log), stored.logStart + stored.log.size());
            told.leading(1);
        }

        @Override
        public Standing standing() {
            return new Standing(true, 1, true, 0);
        }

        @Override
        public OptionalInt leader() {
            return OptionalInt.of(1);
        }

        @Override
        public CompletableFuture<QuorumDescription> describe() {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletableFuture<Long> propose(List<MetadataRecord> records) {
            var failure = new StorageException(Path.of("simulated"), "the disk is full", null);
            if (throwing) {
                throw failure;
            }
            if (refusing) {
                return CompletableFuture.failedFuture(failure);
            }
            var proposal = new Pending(records, new CompletableFuture<>());
            pending.add(proposal);
            return proposal.committed();
        }

        void commit(int count) {
            for (int i = 0; i < count && !pending.isEmpty(); i++) {
                Pending next = pending.removeFirst();
                stored.log.addAll(next.records());
                long end = stored.logStart + stored.log.size();
                listener().committed(next.records(), end);
                next.committed().complete(end);
            }
        }

        @Override
        public void snapshot(Iterator<MetadataRecord> records, long endOffset) {
            var snapshot = new ArrayList<MetadataRecord>();
            records.forEachRemaining(snapshot::add);
            stored.snapshot = snapshot;
            stored.log.subList(0, (int) (endOffset - stored.logStart)).clear();
            stored.logStart = endOffset;
        }

        @Override
        public void close() {
            commit(Integer.MAX_VALUE);
        }
    }

    private static MetadataService start(SimulatedQuorum quorum) {
        var service =
                new MetadataService(
                        quorum,
                        Runnable::run,
                        new ControllerSettings("c", 1, Policy.DEFAULT, 9_000, 0, 10),
                        (node, request) -> {
                            throw new AssertionError("a node alone asks nobody");
                        },
                        () -> 0);
        service.start();
        return service;
    }

    private static Command.CreateTopic topic(Random random, String name) {
        return new Command.CreateTopic(
                new UUID(random.nextLong(), random.nextLong()),
                name,
                1 + random.nextInt(3),
                1,
                List.of(),
                Map.of("k", "v" + random.nextInt(3)));
    }

    private static Command randomCommand(Random random, ClusterImage image) {
        String name = "t" + random.nextInt(6);
        TopicImage present = image.topic(name);
        return switch (random.nextInt(5)) {
            case 0 -> topic(random, name);
            case 1 -> new Command.DeleteTopic(present == null ? new UUID(0, 1) : present.id());
            case 2 -> new Command.CreatePartitions(name, 1 + random.nextInt(8), List.of());
            case 3 ->
                    new Command.ChangeConfig(
                            new ConfigResource(ConfigResource.Type.BROKER, ""),
                            Map.of(
                                    "k" + random.nextInt(3),
                                    random.nextBoolean() ? Optional.of("v") : Optional.empty()));
            default -> new Command.AllocateProducerIds(1 + random.nextInt(9));
        };
    }

    private static void assertSame(ClusterImage one, ClusterImage other, long seed) {
        assertThat(one.topicsByName()).as("seed %d", seed).isEqualTo(other.topicsByName());
        assertThat(one.topicsById()).as("seed %d", seed).isEqualTo(other.topicsById());
        assertThat(one.configs()).as("seed %d", seed).isEqualTo(other.configs());
        assertThat(one.nodes()).as("seed %d", seed).isEqualTo(other.nodes());
        assertThat(one.nextProducerId()).as("seed %d", seed).isEqualTo(other.nextProducerId());
        assertThat(one.endOffset()).as("seed %d", seed).isEqualTo(other.endOffset());
    }

    private static void assertInvariants(ClusterImage image, long seed) {
        assertThat(image.topicsByName().values())
                .as("seed %d", seed)
                .containsExactlyInAnyOrderElementsOf(image.topicsById().values());
        for (TopicImage topic : image.topics()) {
            for (int i = 0; i < topic.partitions().size(); i++) {
                var partition = topic.partitions().get(i);
                assertThat(partition.index()).as("seed %d", seed).isEqualTo(i);
                assertThat(partition.replicas()).contains(partition.leader());
            }
        }
        assertThat(image.configs().keySet())
                .as("seed %d: configs of topics that are gone", seed)
                .allMatch(of ->
                        of.type() != ConfigResource.Type.TOPIC || image.topic(of.name()) != null);
    }

    @Test
    @Tag("simulation")
    void everyRestartFindsExactlyWhatWasCommitted() {
        Seeds.each(
                SEEDS,
                seed -> {
                    play(seed);
                    return STEPS;
                });
    }

    private static void play(long seed) {
        var random = new Random(seed);
        var stored = new Stored();
        var quorum = new SimulatedQuorum(stored);
        MetadataService service = start(quorum);
        var _ = submit(service, new Command.RegisterNode(NODE));
        for (int step = 0; step < STEPS; step++) {
            int event = random.nextInt(20);
            quorum.refusing = event == 0;
            quorum.throwing = event == 1;
            if (event == 2) {
                ClusterImage committed = service.image();
                quorum = new SimulatedQuorum(stored);
                service = start(quorum);
                assertSame(service.image(), committed, seed);
            } else if (event > 2 && event < 8) {
                quorum.commit(1 + random.nextInt(3));
            } else {
                var _ = submit(service, randomCommand(random, service.image()));
            }
            assertInvariants(service.image(), seed);
        }
        quorum.commit(Integer.MAX_VALUE);
        assertSame(start(new SimulatedQuorum(stored)).image(), service.image(), seed);
    }

    private static CompletableFuture<MetadataService.Outcome> submit(
            MetadataService service, Command command) {
        return service.submit(List.of(command));
    }

    @Test
    void whatCouldNotBeStoredIsForgottenAndMayBeTriedAgain() {
        for (boolean thrown : List.of(true, false)) {
            var quorum = new SimulatedQuorum(new Stored());
            MetadataService service = start(quorum);
            var _ = submit(service, new Command.RegisterNode(NODE));
            quorum.throwing = thrown;
            quorum.refusing = !thrown;
            var first = submit(service, topic(new Random(1), "t"));
            assertThatThrownBy(first::join)
                    .isInstanceOf(CompletionException.class)
                    .hasCauseInstanceOf(StorageException.class);
            quorum.throwing = false;
            quorum.refusing = false;

            var again = submit(service, topic(new Random(2), "t"));
            quorum.commit(Integer.MAX_VALUE);

            assertThat(again.join().decisions().getFirst()).isInstanceOf(Accepted.class);
            assertThat(service.image().topic("t")).isNotNull();
        }
    }

    @Test
    void aSnapshotTakesThePlaceOfManyRecordsAndRestores() {
        var stored = new Stored();
        var quorum = new SimulatedQuorum(stored);
        MetadataService service = start(quorum);
        var _ = submit(service, new Command.RegisterNode(NODE));
        var _ = submit(service, topic(new Random(3), "t"));
        for (int i = 0; i < 20_000; i++) {
            var _ = submit(service, new Command.AllocateProducerIds(1));
            quorum.commit(Integer.MAX_VALUE);
        }

        assertThat(stored.snapshot).isNotNull();
        assertThat(stored.log).hasSizeLessThan(20_000);
        assertSame(start(new SimulatedQuorum(stored)).image(), service.image(), 3);
    }

    @Test
    void aCommandSeesThoseBeforeItThatAreNotYetCommitted() {
        var quorum = new SimulatedQuorum(new Stored());
        MetadataService service = start(quorum);
        var _ = submit(service, new Command.RegisterNode(NODE));
        var first = submit(service, topic(new Random(4), "t"));
        var second = submit(service, topic(new Random(5), "t"));
        assertThat(first).isNotDone();
        quorum.commit(Integer.MAX_VALUE);

        assertThat(first.join().decisions().getFirst()).isInstanceOf(Accepted.class);
        assertThat(second.join().decisions().getFirst()).isInstanceOf(Refused.class);
    }
}
