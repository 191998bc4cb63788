package io.millrace.broker.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.group.ClusterView;
import io.millrace.broker.group.CommittedOffset;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupLimits;
import io.millrace.broker.group.GroupReply;
import io.millrace.broker.group.GroupReply.Enlisted;
import io.millrace.broker.group.GroupRequest;
import io.millrace.broker.loop.TransactionEnding;
import io.millrace.storage.producer.TransactionEnd;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Ends of transactions that meet a shard whose leader changes, or that cannot commit. */
@Timeout(30)
final class GroupCoordinatorTest {
    private static final GroupLimits LIMITS =
            new GroupLimits(0, 10, 1_000_000, 10, 100, 1_000_000, 1000);
    private static final TransactionEnd COMMIT = new TransactionEnd(7, (short) 0, 0, true, false);

    private final BlockingQueue<TransactionEnding> endings = new LinkedBlockingQueue<>();

    @TempDir private Path folder;
    private TestShard shard;
    private GroupCoordinator groups;

    @BeforeEach
    void start() {
        shard = new TestShard("o", folder);
        groups =
                new GroupCoordinator(
                        shard.directory, LIMITS, () -> ClusterView.NOTHING, effect -> {}, "o");
    }

    @AfterEach
    void stop() {
        shard.close();
    }

    private GroupReply ask(GroupRequest request) {
        var reply = new CompletableFuture<GroupReply>();
        groups.handle(request, reply::complete);
        return reply.join();
    }

    private void commitInTransaction(long offset) {
        var enlisted = (Enlisted) ask(new GroupRequest.Enlist("g", 7, (short) 0, 1));
        GroupReply reply =
                ask(
                        new GroupRequest.TransactionalCommit(
                                "g",
                                new GroupRequest.Claim(-1, "", null),
                                7,
                                (short) 0,
                                enlisted.number(),
                                true,
                                List.of(new GroupRequest.Offset("t", 0, offset, -1, ""))));
        assertThat(reply.error()).isEqualTo(GroupError.NONE);
    }

    private @Nullable Long committed() {
        var seen = new CompletableFuture<@Nullable CommittedOffset>();
        groups.ask(
                "g",
                (open, error) -> {
                    CommittedOffset found =
                            open == null ? null : open.offset("g", new GroupRequest.Place("t", 0));
                    return () -> seen.complete(found);
                });
        CommittedOffset found = seen.join();
        return found == null ? null : found.offset();
    }

    @Test
    void anEndThatWasNotCommittedWhenAnotherCameToLeadIsToBeToldAgain()
            throws InterruptedException {
        commitInTransaction(5);

        shard.onLoop(() -> {
            groups.end(0, COMMIT, endings::add);
            shard.ledNextBy(TestShard.OTHER);
            return true;
        });

        assertThat(endings.take()).isEqualTo(TransactionEnding.UNAVAILABLE);
    }

    @Test
    void anEndThatComesBeforeItIsHeardWhoLeadsIsToBeToldAgain() throws InterruptedException {
        shard.onLoop(() -> {
            shard.ledNextBy(TestShard.OTHER);
            groups.end(0, COMMIT, endings::add);
            return true;
        });

        assertThat(endings.take()).isEqualTo(TransactionEnding.UNAVAILABLE);
    }

    @Test
    void aShardThatIsNotThereHasNothingToEnd() throws InterruptedException {
        groups.end(1, COMMIT, endings::add);

        assertThat(endings.take()).isEqualTo(TransactionEnding.GONE);
    }

    @Test
    void anEndIsRefusedAtOnceWhileTooFewReplicasAreInSync() throws InterruptedException {
        commitInTransaction(5);

        shard.onLoop(() -> {
            shard.needsInSync(2);
            groups.end(0, COMMIT, endings::add);
            return true;
        });

        assertThat(endings.take()).isEqualTo(TransactionEnding.UNAVAILABLE);
        shard.onLoop(() -> {
            shard.needsInSync(1);
            return true;
        });
        assertThat(committed()).isNull();
        groups.end(0, COMMIT, endings::add);
        assertThat(endings.take()).isEqualTo(TransactionEnding.ENDED);
        assertThat(committed()).isEqualTo(5);
    }
}
