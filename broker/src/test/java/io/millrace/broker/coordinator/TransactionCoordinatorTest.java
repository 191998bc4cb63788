package io.millrace.broker.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.group.ClusterView;
import io.millrace.broker.group.GroupLimits;
import io.millrace.broker.loop.TransactionEnding;
import io.millrace.broker.transaction.Participant;
import io.millrace.broker.transaction.ProducerIdentity;
import io.millrace.broker.transaction.TransactionError;
import io.millrace.broker.transaction.TransactionLimits;
import io.millrace.broker.transaction.TransactionReply;
import io.millrace.broker.transaction.TransactionReply.Identified;
import io.millrace.broker.transaction.TransactionRequest;
import io.millrace.broker.transaction.TransactionState;
import io.millrace.storage.producer.TransactionEnd;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A coordinator whose partitions are all led by others. */
@Timeout(30)
final class TransactionCoordinatorTest {
    private static final Participant AFAR = new Participant("t", 0);

    private final BlockingQueue<Told> told = new LinkedBlockingQueue<>();

    @TempDir private Path folder;
    private TestShard shard;
    private TransactionCoordinator coordinator;

    private record Told(TransactionEnd end, Consumer<TransactionEnding> answer) {}

    private final class Afar implements RemotePartitions {
        @Override
        public boolean isRemote(Participant participant) {
            return true;
        }

        @Override
        public void end(
                Participant participant, TransactionEnd end, Consumer<TransactionEnding> then) {
            told.add(new Told(end, then));
        }
    }

    @BeforeEach
    void start() {
        shard = new TestShard("x", folder);
        var groups =
                new GroupCoordinator(
                        shard.directory,
                        new GroupLimits(0, 10, 1_000_000, 10, 100, 1_000_000, 1000),
                        () -> ClusterView.NOTHING,
                        effect -> {},
                        "o");
        coordinator =
                new TransactionCoordinator(
                        shard.directory,
                        groups,
                        new Afar(),
                        new TransactionLimits(60_000, 100_000),
                        "x");
    }

    @AfterEach
    void stop() {
        shard.close();
    }

    private TransactionReply ask(TransactionRequest request) {
        var reply = new CompletableFuture<TransactionReply>();
        coordinator.handle(request, reply::complete);
        return reply.join();
    }

    private TransactionState state() {
        var state = new CompletableFuture<TransactionState>();
        coordinator.describe(
                "id",
                (found, error) -> {
                    if (found == null) {
                        state.completeExceptionally(new AssertionError(error));
                    } else {
                        state.complete(found.state());
                    }
                });
        return state.join();
    }

    @Test
    void anAnswerToMarkersOfAnEarlierLeadershipDoesNotCountInALaterOne()
            throws InterruptedException {
        var begun =
                (Identified)
                        ask(
                                new TransactionRequest.Initialize(
                                        "id", 5000, ProducerIdentity.NONE, 70));
        ask(new TransactionRequest.Add("id", begun.producer(), List.of(AFAR), 1));
        TransactionReply ended =
                ask(
                        new TransactionRequest.End(
                                "id", begun.producer(), true, false, 1, TransactionRequest.NO_ID));
        assertThat(ended.error()).isEqualTo(TransactionError.NONE);
        Told earlier = told.take();

        shard.onLoop(() -> {
            shard.ledNextBy(TestShard.SELF);
            coordinator.loadAll();
            return true;
        });
        Told later = told.take();
        earlier.answer().accept(TransactionEnding.STALE_COORDINATOR);

        assertThat(later.end().coordinatorEpoch()).isGreaterThan(earlier.end().coordinatorEpoch());
        assertThat(state()).isEqualTo(TransactionState.PREPARE_COMMIT);
        later.answer().accept(TransactionEnding.ENDED);
        assertThat(state()).isEqualTo(TransactionState.COMPLETE_COMMIT);
    }

    @Test
    void aMarkerIsRefusedAtOnceWhileTooFewReplicasAreInSync() throws InterruptedException {
        var here = new Participant("x", 0);
        var end = new TransactionEnd(70, (short) 0, 0, true, false);
        var endings = new LinkedBlockingQueue<TransactionEnding>();

        shard.onLoop(() -> {
            long before = shard.partition.log().logEndOffset();
            shard.needsInSync(2);
            coordinator.end(here, end, endings::add);
            assertThat(shard.partition.log().logEndOffset()).isEqualTo(before);
            return true;
        });

        assertThat(endings).containsExactly(TransactionEnding.UNAVAILABLE);
    }
}
