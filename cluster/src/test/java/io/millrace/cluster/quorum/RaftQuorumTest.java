package io.millrace.cluster.quorum;

import static io.millrace.cluster.quorum.TestQuorum.patiently;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.cluster.proto.ConfigChanged;
import io.millrace.cluster.proto.MetadataRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RaftQuorumTest {
    private static final int OBSERVER = 4;

    @TempDir Path folder = Path.of("unset");
    private TestQuorum quorum;

    @BeforeEach
    void startThreeNodes() throws IOException {
        quorum = new TestQuorum(folder);
    }

    @AfterEach
    void stopThem() {
        quorum.close();
    }

    private static List<Long> numbers(long from, long to) {
        return LongStream.range(from, to).boxed().toList();
    }

    private void awaitTold(List<Long> numbers) {
        patiently()
                .untilAsserted(() ->
                        assertThat(quorum.nodes())
                                .allSatisfy(node -> assertThat(node.told).isEqualTo(numbers)));
    }

    @Test
    void threeNodesAgreeOnOneLeader() {
        int leader = quorum.leader().id();

        patiently()
                .until(() ->
                        quorum.nodes().stream()
                                .allMatch(node -> node.leader().equals(OptionalInt.of(leader))));
        assertThat(quorum.nodes().stream().filter(node -> node.leads)).hasSize(1);
    }

    @Test
    void allAreToldTheSameInTheSameOrder() {
        TestNode leader = quorum.leader();
        List<Long> many = numbers(0, 5000);

        List<Long> ends = leader.proposeEach(many).stream().map(CompletableFuture::join).toList();

        assertThat(ends).isSorted().doesNotHaveDuplicates();
        assertThat(leader.told).isEqualTo(many);
        awaitTold(many);
    }

    @Test
    void largeProposalsAreCommittedAndTooLargeOnesRefused() {
        MetadataRecord mebibyte =
                MetadataRecord.newBuilder()
                        .setConfigChanged(ConfigChanged.newBuilder().setValue("x".repeat(1 << 20)))
                        .build();
        TestNode leader = quorum.leader();

        CompletableFuture<Long> large = leader.propose(Collections.nCopies(7, mebibyte));
        CompletableFuture<Long> tooLarge = leader.propose(Collections.nCopies(9, mebibyte));

        assertThat(large.join()).isPositive();
        assertThatThrownBy(tooLarge::join).hasCauseInstanceOf(QuorumException.class);
        awaitTold(Collections.nCopies(7, 0L));
    }

    @Test
    void aFollowerTakesNoProposals() {
        TestNode follower = quorum.follower();

        assertThatThrownBy(() -> follower.propose(1).join())
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(NotControllerException.class);
    }

    @Test
    void anotherNodeLeadsWhenTheLeaderStopsAndNothingCommittedIsLost() {
        numbers(0, 10).forEach(quorum::commit);
        TestNode first = quorum.leader();

        quorum.stop(first);
        quorum.commit(10);

        assertThat(quorum.leader().id()).isNotEqualTo(first.id());
        awaitTold(numbers(0, 11));
    }

    @Test
    void aNodeThatCannotStoreItsVoteSaysThatItHasFailed() throws IOException {
        TestNode failing = quorum.follower();
        // What a vote is written to before it takes the place of the last.
        Path blocked =
                quorum.folderOf(failing.id())
                        .resolve("__cluster_metadata-0")
                        .resolve("quorum-state.tmp");
        Files.createDirectories(blocked.resolve("blocked"));

        quorum.stop(quorum.leader());

        assertThat(failing.failure).succeedsWithin(Duration.ofSeconds(30));
        assertThatThrownBy(() -> failing.propose(1).join())
                .hasCauseInstanceOf(QuorumException.class);
    }

    @Test
    void aRestartedNodeCatchesUpFromItsLog() throws IOException {
        numbers(0, 5).forEach(quorum::commit);
        TestNode stopped = quorum.follower();
        quorum.stop(stopped);
        numbers(5, 10).forEach(quorum::commit);

        TestNode again = quorum.start(stopped.id());

        awaitTold(numbers(0, 10));
        assertThat(again.snapshots.get()).isZero();
    }

    @Test
    void allNodesRestartedHaveWhatWasCommitted() throws IOException {
        numbers(0, 5).forEach(quorum::commit);
        quorum.leader().snapshot();
        numbers(5, 8).forEach(quorum::commit);
        List<TestNode> all = List.copyOf(quorum.nodes());
        for (TestNode node : all) {
            quorum.stop(node);
        }
        for (TestNode node : all) {
            quorum.start(node.id());
        }

        quorum.commit(8);

        awaitTold(numbers(0, 9));
    }

    @Test
    void aNodeWithAnEmptiedFolderCatchesUpFromASnapshot() throws IOException {
        numbers(0, 5).forEach(quorum::commit);
        TestNode emptied = quorum.follower();
        quorum.stop(emptied);
        delete(quorum.folderOf(emptied.id()));
        quorum.leader().snapshot();
        numbers(5, 8).forEach(quorum::commit);

        TestNode again = quorum.start(emptied.id());

        awaitTold(numbers(0, 8));
        assertThat(again.snapshots.get()).isOne();
    }

    @Test
    void aWipedVoterVotesAgainOnceItHasWhatTheLeaderHas() throws IOException {
        numbers(0, 5).forEach(quorum::commit);
        TestNode wiped = quorum.follower();
        TestNode third =
                quorum.nodes().stream()
                        .filter(node -> node != wiped && node != quorum.leader())
                        .findFirst()
                        .orElseThrow();
        quorum.stop(wiped);
        delete(quorum.folderOf(wiped.id()));

        TestNode again = quorum.start(wiped.id());
        patiently().until(() -> again.standing().join().remembers());
        quorum.stop(third);
        numbers(5, 8).forEach(quorum::commit);

        assertThat(quorum.outcomes).contains(Recollection.Outcome.CAUGHT_UP);
        awaitTold(numbers(0, 8));
    }

    @Test
    void aWipedVoterDoesNotVoteForOneThatLacksWhatItHadAcknowledged() throws IOException {
        TestNode leader = quorum.leader();
        TestNode wiped = quorum.follower();
        TestNode behind =
                quorum.nodes().stream()
                        .filter(node -> node != wiped && node != leader)
                        .findFirst()
                        .orElseThrow();
        quorum.commit(0);
        quorum.stop(behind);
        numbers(1, 5).forEach(quorum::commit);
        quorum.stop(wiped);
        quorum.stop(leader);
        delete(quorum.folderOf(wiped.id()));

        TestNode again = quorum.start(wiped.id());
        TestNode amnesiac = quorum.start(behind.id());
        patiently().until(() -> quorum.outcomes.contains(Recollection.Outcome.OTHERS_MISSING));
        boolean granted = again.grantsVoteTo(amnesiac.id(), 1_000);
        boolean remembers = again.standing().join().remembers();

        quorum.start(leader.id());
        quorum.commit(5);

        assertThat(granted).isFalse();
        assertThat(remembers).isFalse();
        awaitTold(numbers(0, 6));
        patiently().until(() -> again.standing().join().remembers());
    }

    private static void delete(Path tree) throws IOException {
        try (Stream<Path> paths = Files.walk(tree)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    @Test
    void aLeaderCutOffFailsItsProposalsAndStepsDown() {
        quorum.commit(0);
        TestNode cut = quorum.leader();
        quorum.cuts.cut(cut.id());

        CompletableFuture<Long> lost = cut.propose(666);
        quorum.commit(1);

        patiently().until(() -> !cut.leads && lost.isDone());
        assertThatThrownBy(lost::join).hasCauseInstanceOf(NotControllerException.class);
        quorum.cuts.heal(cut.id());
        quorum.commit(2);
        awaitTold(numbers(0, 3));
    }

    @Test
    void anObserverIsToldAndNeverLeads() throws IOException {
        numbers(0, 5).forEach(quorum::commit);

        TestNode observer = quorum.start(OBSERVER);

        awaitTold(numbers(0, 5));
        patiently().until(() -> observer.leader().equals(OptionalInt.of(quorum.leader().id())));
        assertThatThrownBy(() -> observer.propose(1).join())
                .hasCauseInstanceOf(NotControllerException.class);
    }

    @Test
    void theLeaderDescribesAllReplicas() throws IOException {
        numbers(0, 5).forEach(quorum::commit);
        quorum.start(OBSERVER);
        awaitTold(numbers(0, 5));

        TestNode leader = quorum.leader();
        patiently()
                .untilAsserted(() -> {
                    QuorumDescription seen = leader.describe();
                    assertThat(seen.leader()).hasValue(leader.id());
                    assertThat(seen.highWatermark()).hasValue(leader.endOffset);
                    assertThat(seen.voters())
                            .extracting(QuorumDescription.Replica::nodeId)
                            .containsExactlyInAnyOrder(1, 2, 3);
                    assertThat(seen.observers())
                            .extracting(QuorumDescription.Replica::nodeId)
                            .containsExactly(OBSERVER);
                    assertThat(seen.voters())
                            .allSatisfy(voter ->
                                    assertThat(voter.logEndOffset()).isEqualTo(leader.endOffset));
                });
        assertThat(quorum.follower().describe().leader()).hasValue(leader.id());
    }
}
