package io.millrace.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.cluster.controller.Command;
import io.millrace.cluster.controller.Controller;
import io.millrace.cluster.controller.Decision;
import io.millrace.cluster.controller.Decision.Accepted;
import io.millrace.cluster.controller.Decision.Reason;
import io.millrace.cluster.controller.Decision.Refused;
import io.millrace.cluster.controller.Policy;
import io.millrace.cluster.controller.TopicNames;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.ConfigResource;
import io.millrace.cluster.metadata.ImageBuilder;
import io.millrace.cluster.metadata.ImageDelta;
import io.millrace.cluster.metadata.NodeImage;
import io.millrace.cluster.metadata.SnapshotRecords;
import io.millrace.cluster.metadata.TopicImage;
import io.millrace.cluster.proto.MetadataRecord;
import io.millrace.cluster.quorum.LocalQuorum;
import io.millrace.cluster.quorum.NotControllerException;
import io.millrace.storage.Durability;
import io.millrace.storage.LogEnvironment;
import io.millrace.storage.LogEvents;
import io.millrace.storage.disk.DiskReserve;
import io.millrace.storage.disk.RealDisk;
import io.millrace.storage.flush.FlushQueue;
import io.millrace.storage.plan.Quarantine;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MetadataTest {
    private static final NodeImage NODE = new NodeImage(1, "localhost", 9092, "");
    @TempDir Path folder = Path.of("unset");
    private final AtomicLong nowMs = new AtomicLong(1_000);

    private static ClusterImage apply(ClusterImage image, Command command) {
        Decision decision = Controller.decide(image, command, Policy.DEFAULT);
        assertThat(decision).isInstanceOf(Accepted.class);
        return fold(image, ((Accepted) decision).records());
    }

    private static ClusterImage fold(ClusterImage image, List<MetadataRecord> records) {
        var builder = new ImageBuilder(image);
        records.forEach(builder::apply);
        return builder.build(image.endOffset() + records.size());
    }

    private static List<MetadataRecord> snapshot(ClusterImage image) {
        var records = new ArrayList<MetadataRecord>();
        SnapshotRecords.of(image).forEachRemaining(records::add);
        return records;
    }

    private static ClusterImage oneNode() {
        return apply(ClusterImage.empty("c"), new Command.RegisterNode(NODE));
    }

    private static Command.CreateTopic topic(String name, int partitions) {
        return new Command.CreateTopic(
                UUID.randomUUID(), name, partitions, 1, List.of(), Map.of("retention.ms", "5"));
    }

    private static Reason refusal(ClusterImage image, Command command) {
        return ((Refused) Controller.decide(image, command, Policy.DEFAULT)).reason();
    }

    @Test
    void aTopicHasItsPartitionsAndConfigs() {
        ClusterImage image = apply(oneNode(), topic("t", 3));

        TopicImage created = image.topicsByName().get("t");
        assertThat(created).isNotNull();
        assertThat(image.config(new ConfigResource(ConfigResource.Type.TOPIC, "t")))
                .containsEntry("retention.ms", "5");
        assertThat(image.topicsById()).hasSize(1);
    }

    @Test
    void whatKafkaRefusesIsRefused() {
        ClusterImage image = apply(oneNode(), topic("a.b", 1));

        assertThat(refusal(image, topic("a.b", 1))).isEqualTo(Reason.TOPIC_EXISTS);
        assertThat(refusal(image, topic("a_b", 1))).isEqualTo(Reason.INVALID_TOPIC);
        assertThat(refusal(image, topic("x", 0))).isEqualTo(Reason.INVALID_PARTITIONS);
        assertThat(refusal(image, topic("x", 10_000_000))).isEqualTo(Reason.INVALID_PARTITIONS);
        assertThat(refusal(image, new Command.CreatePartitions("a.b", 1, List.of())))
                .isEqualTo(Reason.INVALID_PARTITIONS);
        assertThat(refusal(image, new Command.CreatePartitions("none", 2, List.of())))
                .isEqualTo(Reason.UNKNOWN_TOPIC);
        assertThat(
                        refusal(
                                image,
                                new Command.CreateTopic(
                                        UUID.randomUUID(), "r", 1, 2, List.of(), Map.of())))
                .isEqualTo(Reason.INVALID_REPLICATION_FACTOR);
    }

    @Test
    void namesCannotLeaveTheFolder() {
        for (String bad :
                List.of("", ".", "..", "../x", "a/b", "a\\b", "a b", "ä", "x".repeat(250))) {
            assertThat(TopicNames.problem(bad)).as(bad).isNotNull();
        }
        assertThat(TopicNames.problem("a-B_0.9")).isNull();
    }

    @Test
    void aSnapshotGivesTheSameImageAsTheRecords() {
        for (int seed = 0; seed < 300; seed++) {
            var random = new Random(seed);
            ClusterImage image = oneNode();
            for (int step = 0; step < 60; step++) {
                Decision decision =
                        Controller.decide(image, randomCommand(random, image), Policy.DEFAULT);
                if (decision instanceof Accepted(List<MetadataRecord> records)) {
                    image = fold(image, records);
                }
            }
            ClusterImage again = fold(ClusterImage.empty("c"), snapshot(image));

            assertThat(again.topicsByName()).as("seed %d", seed).isEqualTo(image.topicsByName());
            assertThat(again.topicsById()).isEqualTo(image.topicsById());
            assertThat(again.configs()).isEqualTo(image.configs());
            assertThat(again.nodes()).isEqualTo(image.nodes());
            assertThat(again.nextProducerId()).isEqualTo(image.nextProducerId());
        }
    }

    @Test
    void aSnapshotThatComesLateIsToldAsWhatDiffers() {
        ClusterImage before = apply(apply(oneNode(), topic("kept", 1)), topic("gone", 1));
        TopicImage gone = Objects.requireNonNull(before.topicsByName().get("gone"));
        ClusterImage after =
                apply(
                        apply(before, new Command.DeleteTopic(gone.id())),
                        new Command.ChangeConfig(
                                new ConfigResource(ConfigResource.Type.TOPIC, "kept"),
                                Map.of("k", Optional.of("v"))));

        ImageDelta delta = ImageDelta.between(before, fold(oneNode(), snapshot(after)));

        assertThat(delta.touchedTopics()).containsExactly(gone.id());
        assertThat(delta.touchedConfigs())
                .containsExactlyInAnyOrder(
                        new ConfigResource(ConfigResource.Type.TOPIC, "kept"),
                        new ConfigResource(ConfigResource.Type.TOPIC, "gone"));
    }

    /** One whose work is all done on the calling thread. */
    private LocalQuorum quorumHere() {
        return new LocalQuorum(
                1,
                environment(new FlushQueue(Runnable::run), Durability.FSYNC),
                folder,
                Runnable::run,
                () -> 1000);
    }

    @Test
    void commandsWaitForALeaderButNotForever() {
        var quorum = quorumHere();
        var service = service(quorum, Runnable::run);
        service.start();

        service.following(OptionalInt.empty(), 7);
        var refused = service.submit(List.of(new Command.AllocateProducerIds(10)));
        nowMs.addAndGet(14_999);
        service.tick();
        boolean refusedTooEarly = refused.isDone();
        var taken = service.submit(List.of(new Command.AllocateProducerIds(10)));
        nowMs.addAndGet(1);
        service.tick();
        boolean takenTooEarly = taken.isDone();
        service.leading(8);

        assertThat(refusedTooEarly).isFalse();
        assertThat(takenTooEarly).isFalse();
        assertThatThrownBy(refused::join).hasCauseInstanceOf(NotControllerException.class);
        assertThat(taken.join().image().nextProducerId()).isEqualTo(10);
    }

    @Test
    void aCreationThatIsAskedForAgainChangesNothingEvenIfTheTopicIsGone() {
        var quorum = quorumHere();
        MetadataService service = service(quorum, Runnable::run);
        service.start();
        Command.CreateTopic create = topic("t", 1);

        var first = service.submit(List.of(new Command.RegisterNode(NODE), create)).join();
        var again = service.submit(List.of(create)).join();
        service.submit(List.of(new Command.DeleteTopic(create.id()))).join();
        var late = service.submit(List.of(create)).join();

        assertThat(first.decisions()).allMatch(Accepted.class::isInstance);
        assertThat(again.decisions()).containsExactly(new Accepted(List.of()));
        assertThat(late.decisions()).containsExactly(new Accepted(List.of()));
        assertThat(service.image().topics()).isEmpty();
    }

    @Test
    void whatIsSubmittedAfterTheEndFails() {
        var quorum = quorumHere();
        MetadataService service = service(quorum, Runnable::run);
        service.start();
        service.stop();

        assertThatThrownBy(service.submit(List.of(new Command.AllocateProducerIds(10)))::join)
                .hasCauseInstanceOf(NotControllerException.class);
    }

    private static Command randomCommand(Random random, ClusterImage image) {
        String name = "t" + random.nextInt(8);
        return switch (random.nextInt(5)) {
            case 0 -> topic(name, 1 + random.nextInt(4));
            case 1 ->
                    new Command.DeleteTopic(
                            image.topics().stream()
                                    .findFirst()
                                    .map(TopicImage::id)
                                    .orElse(new UUID(0, 0)));
            case 2 -> new Command.CreatePartitions(name, 1 + random.nextInt(8), List.of());
            case 3 ->
                    new Command.ChangeConfig(
                            new ConfigResource(ConfigResource.Type.TOPIC, name),
                            Map.of(
                                    "k" + random.nextInt(3),
                                    random.nextBoolean() ? Optional.of("v") : Optional.empty()));
            default -> new Command.AllocateProducerIds(1 + random.nextInt(100));
        };
    }

    @Test
    void whatWasAcknowledgedIsThereAfterARestart() {
        var ids = new ArrayList<Long>();
        for (int round = 0; round < 3; round++) {
            ExecutorService thread = Executors.newSingleThreadExecutor();
            try (var flushes = new FlushQueue(1)) {
                MetadataService service = start(thread, flushes);
                service.submit(List.of(new Command.RegisterNode(NODE), topic("r" + round, 2)))
                        .join();
                var outcome = service.submit(List.of(new Command.AllocateProducerIds(10))).join();
                ids.add(outcome.image().nextProducerId());
                assertThat(service.image().topicsByName()).hasSize(round + 1);
                if (round == 1) {
                    CompletableFuture.runAsync(service::stop, thread).join();
                }
            } finally {
                thread.shutdown();
            }
        }
        assertThat(ids).containsExactly(10L, 20L, 30L);
    }

    @Test
    void metadataIsCommittedAfterItsSyncAlsoWhereRecordsAreNotSynced() {
        var syncs = new ArrayDeque<Runnable>();
        Executor here = Runnable::run;
        var quorum =
                new LocalQuorum(
                        1,
                        environment(new FlushQueue(syncs::add), Durability.OS),
                        folder,
                        here,
                        () -> 1000);
        var service = service(quorum, here);
        service.start();

        var submitted = service.submit(List.of(new Command.AllocateProducerIds(10)));
        boolean committedBefore = submitted.isDone();
        syncs.remove().run();

        assertThat(committedBefore).isFalse();
        assertThat(submitted).isDone();
    }

    private LogEnvironment environment(FlushQueue flushes, Durability durability) {
        var disk = new RealDisk();
        return new LogEnvironment(
                disk, flushes, durability, 1000, new DiskReserve(disk, folder, 0), new Silent());
    }

    private MetadataService service(LocalQuorum quorum, Executor thread) {
        return new MetadataService(
                quorum,
                thread,
                new ControllerSettings("cluster", 1, Policy.DEFAULT, 9_000, 0, 10),
                (node, request) -> {
                    throw new AssertionError("a node alone asks nobody");
                },
                nowMs::get);
    }

    private MetadataService start(ExecutorService thread, FlushQueue flushes) {
        var service =
                service(
                        new LocalQuorum(
                                1,
                                environment(flushes, Durability.FSYNC),
                                folder,
                                thread,
                                () -> 1000),
                        thread);
        CompletableFuture.runAsync(service::start, thread).join();
        return service;
    }

    private static final class Silent implements LogEvents {
        @Override
        public void tailTruncated(Path segment, long position, long bytesCut) {
            throw new AssertionError("truncated " + segment);
        }

        @Override
        public void quarantined(Path log, Quarantine.Range range) {
            throw new AssertionError("quarantined " + log);
        }

        @Override
        public void noticed(Path path, String what) {
            throw new AssertionError(path + " " + what);
        }
    }
}
