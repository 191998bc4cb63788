package io.millrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.HostedPartitions.Joining;
import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.BrokerKeys;
import io.millrace.broker.loop.Loops;
import io.millrace.broker.loop.PartitionDirectory;
import io.millrace.broker.loop.Replication;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.ImageBuilder;
import io.millrace.cluster.metadata.ImageDelta;
import io.millrace.cluster.metadata.NodeIds;
import io.millrace.cluster.metadata.NodeImage;
import io.millrace.cluster.metadata.NodeImage.Registration;
import io.millrace.cluster.metadata.PartitionImage;
import io.millrace.cluster.metadata.Records;
import io.millrace.cluster.proto.MetadataRecord;
import io.millrace.storage.Durability;
import io.millrace.storage.LogEnvironment;
import io.millrace.storage.disk.DiskReserve;
import io.millrace.storage.disk.RealDisk;
import io.millrace.storage.flush.FlushQueue;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Node 1 of two follows the metadata. */
@Timeout(60)
final class HostedPartitionsTest {
    private static final UUID THIS_START = new UUID(1, 1);
    private static final UUID OTHER_START = new UUID(1, 2);
    private static final UUID FIRST = new UUID(2, 1);
    private static final UUID SECOND = new UUID(2, 2);

    private final MultiThreadIoEventLoopGroup events =
            new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Loops loops = new Loops(events, System::currentTimeMillis);
    private final FlushQueue flushes = new FlushQueue(1);
    private final PartitionDirectory directory = new PartitionDirectory();
    private ClusterImage now = ClusterImage.empty("of-a-test");

    @TempDir private Path data;

    private HostedPartitions hosted;

    @BeforeEach
    void start() {
        var disk = new RealDisk();
        hosted =
                new HostedPartitions(
                        directory,
                        loops,
                        new LogEnvironment(
                                disk,
                                flushes,
                                Durability.OS,
                                86_400_000,
                                new DiskReserve(disk, data, 0),
                                new LoggedEvents()),
                        new PartitionFolders(disk, data, flushes),
                        BrokerConfig.of(Map.of(BrokerKeys.DATA_DIR, data.toString())),
                        new Joining(
                                () -> now,
                                new Replication(1, 30_000, Replication.alone(1).listener()),
                                THIS_START));
    }

    @AfterEach
    void stop() {
        flushes.close();
        events.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private static MetadataRecord registered(UUID incarnation) {
        return Records.nodeRegistered(
                new NodeImage(
                        1,
                        "h",
                        9092,
                        "",
                        new Registration(1, incarnation, new UUID(3, 1), false, false)));
    }

    private static MetadataRecord created(UUID id) {
        return Records.topicCreated(id, "t", List.of(PartitionImage.created(0, List.of(1, 2))));
    }

    private static MetadataRecord ledBy(int leader, int epoch) {
        return Records.partitionChanged(
                FIRST,
                new PartitionImage(
                        0,
                        leader,
                        epoch,
                        epoch,
                        NodeIds.of(1, 2),
                        NodeIds.of(leader),
                        NodeIds.none(),
                        NodeIds.none(),
                        NodeIds.none()));
    }

    /** Tells of some records in one piece, as a node hears of them that has been away. */
    private void hear(MetadataRecord... records) {
        ImageDelta delta = delta(records);
        now = delta.after();
        hosted.apply(delta);
        CompletableFuture.runAsync(() -> {}, loops.ownerOf("t", 0)).join();
    }

    private ImageDelta delta(MetadataRecord... records) {
        var builder = new ImageBuilder(now);
        for (MetadataRecord record : records) {
            builder.apply(record);
        }
        return builder.delta(builder.build(now.endOffset() + records.length));
    }

    private boolean leads() {
        return Objects.requireNonNull(directory.partition("t", 0)).isLed();
    }

    private String mark() throws Exception {
        return Files.readString(data.resolve("t-0").resolve("partition.metadata"));
    }

    private static String wire(UUID id) {
        return new Uuid(id.getMostSignificantBits(), id.getLeastSignificantBits()).toString();
    }

    @Test
    void aNodeThatIsUnregisteredWhileItRunsLeadsNoMore() {
        hear(registered(THIS_START), created(FIRST));
        assertThat(leads()).isTrue();

        hear(ledBy(2, 1), Records.nodeUnregistered(1));
        assertThat(leads()).isFalse();

        hear(registered(THIS_START));
        hear(ledBy(1, 2));
        assertThat(leads()).isTrue();
    }

    @Test
    void nothingIsDoneBeforeThisStartIsRegistered() {
        hear(registered(OTHER_START), created(FIRST));
        hear(Records.nodeUnregistered(1));
        assertThat(directory.all()).isEmpty();

        hear(registered(THIS_START));
        assertThat(leads()).isTrue();
    }

    @Test
    void whatAnotherStartWasToldIsMadeUpFor() {
        hear(registered(THIS_START), created(FIRST));
        hear(registered(OTHER_START), Records.topicDeleted(FIRST), created(SECOND));
        assertThat(directory.topic(SECOND)).isNull();

        hear(registered(THIS_START));
        assertThat(directory.topic(FIRST)).isNull();
        assertThat(directory.topic(SECOND)).isNotNull();
    }

    @Test
    void aTopicThatIsDeletedAndMadeAgainInOnePieceKeepsItsNewFolder() throws Exception {
        hear(registered(THIS_START), created(FIRST));
        assertThat(mark()).contains(wire(FIRST));

        ImageDelta both = delta(Records.topicDeleted(FIRST), created(SECOND));
        now = both.after();
        Set<UUID> newFirst = new LinkedHashSet<>(List.of(SECOND, FIRST));
        hosted.apply(new ImageDelta(both.before(), now, newFirst, both.touchedConfigs()));
        CompletableFuture.runAsync(() -> {}, loops.ownerOf("t", 0)).join();

        assertThat(mark()).contains(wire(SECOND));
        assertThat(directory.topic(FIRST)).isNull();
        assertThat(leads()).isTrue();
    }
}
