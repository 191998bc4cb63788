package io.millrace.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.cluster.SharedMetadataLog.Member;
import io.millrace.cluster.controller.Command;
import io.millrace.cluster.controller.Decision.Accepted;
import io.millrace.cluster.controller.Pieces;
import io.millrace.cluster.controller.Policy;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.ConfigResource;
import io.millrace.cluster.metadata.NodeImage;
import io.millrace.cluster.metadata.PartitionImage;
import io.millrace.cluster.metadata.Records;
import io.millrace.cluster.proto.MetadataRecord;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What is too much for one proposal, and another controller that takes over in the middle. */
final class DecisionInPiecesTest {
    private static final int PARTITIONS = 40_000;
    private static final UUID TOPIC = new UUID(1, 1);

    private final SharedMetadataLog log = new SharedMetadataLog();
    private final List<List<MetadataRecord>> proposed = new ArrayList<>();
    private final Member first = log.join(1, (_, records) -> proposed.add(records));
    private final Member second = log.join(2, (_, records) -> proposed.add(records));
    private final MetadataService firstService = service(1, first);
    private final MetadataService secondService = service(2, second);

    private static MetadataService service(int id, Member member) {
        var service =
                new MetadataService(
                        member,
                        Runnable::run,
                        new ControllerSettings("c", id, Policy.DEFAULT, 9_000, 0, 10),
                        (node, request) -> {
                            throw new AssertionError("nobody else is asked");
                        },
                        () -> 0);
        service.start();
        return service;
    }

    private CompletableFuture<MetadataService.Outcome> submit(Command command) {
        return firstService.submit(List.of(command));
    }

    private void create(List<Integer> replicas) {
        log.elect(first, 0);
        for (int id = 1; id <= 3; id++) {
            var _ = submit(new Command.RegisterNode(new NodeImage(id, "host", 9092, "")));
        }
        var _ =
                submit(
                        new Command.CreateTopic(
                                TOPIC,
                                "t",
                                PARTITIONS,
                                replicas.size(),
                                Collections.nCopies(PARTITIONS, replicas),
                                Map.of()));
        first.commit(Integer.MAX_VALUE);
        proposed.clear();
    }

    private Command.ChangeNode fenceFirstBroker(boolean fenced) {
        NodeImage node = Objects.requireNonNull(log.image().nodes().get(1));
        return new Command.ChangeNode(1, node.registration().epoch(), fenced, false);
    }

    private List<PartitionImage> partitions() {
        return Objects.requireNonNull(log.image().topic(TOPIC)).partitions();
    }

    private long ledBy(int node) {
        return partitions().stream().filter(it -> it.leader() == node).count();
    }

    private static int sizeOf(List<MetadataRecord> records) {
        return records.stream().mapToInt(MetadataRecord::getSerializedSize).sum();
    }

    @Test
    void aNodeThatGoesIsGoneAfterTheLastPieceAndTheNextControllerGoesOnInTheMiddle() {
        create(List.of(1, 2, 3));

        var outcome = submit(fenceFirstBroker(true));
        int pieces = proposed.size();
        assertThat(pieces).isGreaterThan(2);
        assertThat(proposed).allMatch(piece -> sizeOf(piece) <= Pieces.PIECE_BYTES);
        first.commit(1);

        assertThat(outcome).isNotDone();
        assertThat(ledBy(2)).isEqualTo(proposed.getFirst().size());
        assertThat(log.image().isActive(1)).isTrue();

        log.elect(second, 1);
        int moved = proposed.get(0).size() + proposed.get(1).size();
        assertThat(ledBy(2)).isEqualTo(moved);
        proposed.clear();
        var again = secondService.submit(List.of(fenceFirstBroker(true)));
        second.commit(Integer.MAX_VALUE);

        assertThat(again).isDone();
        assertThat(proposed.stream().mapToInt(List::size).sum()).isEqualTo(PARTITIONS - moved + 1);
        assertThat(ledBy(2)).isEqualTo(PARTITIONS);
        assertThat(log.image().isActive(1)).isFalse();
        assertThat(secondService.image()).isEqualTo(log.image());
    }

    @Test
    void aNodeThatComesIsThereAtOnceAndTheNextControllerHasTheRestLedByIt() {
        create(List.of(1));
        var _ = submit(fenceFirstBroker(true));
        first.commit(Integer.MAX_VALUE);
        assertThat(ledBy(PartitionImage.NO_LEADER)).isEqualTo(PARTITIONS);
        proposed.clear();

        var _ = submit(fenceFirstBroker(false));
        first.commit(1);
        assertThat(log.image().isActive(1)).isTrue();
        assertThat(ledBy(1)).isEqualTo(proposed.getFirst().size() - 1);

        log.elect(second, 0);
        secondService.tick();
        second.commit(Integer.MAX_VALUE);

        assertThat(ledBy(1)).isEqualTo(PARTITIONS);
        proposed.clear();
        secondService.tick();
        assertThat(proposed).isEmpty();
    }

    @Test
    void aCommandSeesWhatIsProposedInPieces() {
        create(List.of(1, 2, 3));

        var fenced = submit(fenceFirstBroker(true));
        var stopped = submit(new Command.UnregisterNode(2));
        first.commit(Integer.MAX_VALUE);

        assertThat(fenced.join().decisions().getFirst()).isInstanceOf(Accepted.class);
        assertThat(stopped.join().decisions().getFirst()).isInstanceOf(Accepted.class);
        assertThat(ledBy(3)).isEqualTo(PARTITIONS);
        ClusterImage image = firstService.image();
        assertThat(image).isEqualTo(log.image());
        assertThat(image.load(3).leads()).isEqualTo(PARTITIONS);
        assertThat(image.load(3).leadsPreferred()).isZero();
        assertThat(image.load(1).leads()).isZero();
        assertThat(image.partitionCount()).isEqualTo(PARTITIONS);
    }

    @Test
    void recordsThatBelongTogetherAreInOnePiece() {
        var config = new ConfigResource(ConfigResource.Type.TOPIC, "t");
        List<MetadataRecord> topic =
                List.of(
                        Records.topicCreated(TOPIC, "t", List.of()),
                        Records.configChanged(config, "a", "1"),
                        Records.configChanged(config, "b", "2"));
        MetadataRecord change =
                Records.partitionChanged(TOPIC, PartitionImage.created(0, List.of(1)));
        List<MetadataRecord> node = List.of(change, change, Records.nodeChanged(1, true, false));

        assertThat(Pieces.of(List.of(topic, node), 1))
                .containsExactly(
                        topic,
                        List.of(change),
                        List.of(change),
                        List.of(Records.nodeChanged(1, true, false)));
        assertThat(Pieces.of(List.of(topic, List.of(), node), 1_000)).hasSize(1);
        assertThat(Pieces.of(List.of(List.of()), 1)).isEmpty();
    }
}
