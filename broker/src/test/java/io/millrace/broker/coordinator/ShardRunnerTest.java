package io.millrace.broker.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.broker.group.ClusterView;
import io.millrace.broker.group.CommittedOffset;
import io.millrace.broker.group.GroupEffect;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupLimits;
import io.millrace.broker.group.GroupReply;
import io.millrace.broker.group.GroupRequest;
import io.millrace.broker.group.shard.GroupShard;
import io.millrace.broker.loop.Loops;
import io.millrace.broker.loop.OwnerLoop;
import io.millrace.broker.loop.Partition;
import io.millrace.broker.loop.TestPartition;
import io.millrace.storage.Durability;
import io.millrace.storage.StorageException;
import io.millrace.storage.flush.FlushQueue;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
final class ShardRunnerTest {
    private static final GroupLimits LIMITS =
            new GroupLimits(0, 10, 1_000_000, 10, 100, 1_000_000, 1000);

    private static final int COMMITS_OF_A_LONG_LOG = 4000;

    private final MultiThreadIoEventLoopGroup events =
            new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final OwnerLoop loop = new Loops(events, System::currentTimeMillis).ownerOf("o", 0);
    private final FlushQueue flushes = new FlushQueue(1);
    private final BlockingQueue<GroupError> answers = new LinkedBlockingQueue<>();

    @TempDir private Path folder;

    @AfterEach
    void stop() {
        flushes.close();
        events.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private Partition partition() {
        return TestPartition.of("o", loop, flushes, Durability.FSYNC, folder);
    }

    private static ShardRunner<
                    GroupShard<Consumer<GroupReply>>, GroupRequest, GroupReply, GroupEffect>
            runner(Partition partition) {
        return new ShardRunner<>(
                partition, new GroupKind(LIMITS, () -> ClusterView.NOTHING, effect -> {}));
    }

    private static GroupRequest commit(long offset) {
        return new GroupRequest.Commit(
                "g",
                new GroupRequest.Claim(-1, "", null),
                true,
                List.of(new GroupRequest.Offset("t", 0, offset, -1, "")));
    }

    private void answered(GroupReply reply) {
        answers.add(reply.error());
    }

    private <R> R onLoop(Callable<R> task) {
        return TestShard.on(loop, task);
    }

    private @Nullable Long offsetSeenBy(
            ShardRunner<GroupShard<Consumer<GroupReply>>, GroupRequest, GroupReply, GroupEffect>
                    runner)
            throws InterruptedException {
        var seen = new CompletableFuture<CommittedOffset>();
        var done = new CountDownLatch(1);
        loop.execute(() ->
                runner.ask((shard, error) -> {
                    CommittedOffset found =
                            shard == null
                                    ? null
                                    : shard.offset("g", new GroupRequest.Place("t", 0));
                    return () -> {
                        if (found != null) {
                            seen.complete(found);
                        }
                        done.countDown();
                    };
                }));
        done.await();
        return seen.isDone() ? seen.join().offset() : null;
    }

    @Test
    void anAnsweredCommitIsReadByTheNextRunnerOfTheLog() throws InterruptedException {
        Partition first = partition();
        var runner = runner(first);
        loop.execute(() -> runner.handle(commit(42), this::answered));
        assertThat(answers.take()).isEqualTo(GroupError.NONE);
        onLoop(() -> {
            first.close();
            return true;
        });

        assertThat(offsetSeenBy(runner(partition()))).isEqualTo(42);
    }

    @Test
    void whoWaitsWhenTheLogFailsIsRefusedOnceAndReadersToo() throws InterruptedException {
        Partition partition = partition();
        var runner = runner(partition);

        onLoop(() -> {
            runner.handle(commit(1), this::answered);
            runner.handle(commit(2), this::answered);
            partition.offline(new StorageException(folder, "failed here", null));
            partition.flushed(partition.log().logEndOffset());
            return true;
        });

        assertThat(answers.take()).isEqualTo(GroupError.COORDINATOR_NOT_AVAILABLE);
        assertThat(answers.take()).isEqualTo(GroupError.COORDINATOR_NOT_AVAILABLE);
        assertThat(offsetSeenBy(runner)).isNull();
        assertThat(answers).isEmpty();
    }

    @Test
    void aReaderIsAnsweredAfterTheCommitThatItSaw() throws InterruptedException {
        var runner = runner(partition());
        loop.execute(() -> runner.handle(commit(7), this::answered));

        assertThat(offsetSeenBy(runner)).isEqualTo(7);

        assertThat(answers).containsExactly(GroupError.NONE);
    }

    /** A partition whose log takes several steps to read; it holds offsets from 0 up. */
    private Partition partitionWithALongLog() throws InterruptedException {
        Partition first = partition();
        var writer = runner(first);
        for (long offset = 0; offset < COMMITS_OF_A_LONG_LOG; offset++) {
            GroupRequest commit = commit(offset);
            loop.execute(() -> writer.handle(commit, this::answered));
        }
        for (int i = 0; i < COMMITS_OF_A_LONG_LOG; i++) {
            assertThat(answers.take()).isEqualTo(GroupError.NONE);
        }
        onLoop(() -> {
            first.close();
            return true;
        });
        return partition();
    }

    @Test
    void aLongLogIsReadInStepsBetweenWhichTheLoopGoesOn() throws InterruptedException {
        var runner = runner(partitionWithALongLog());

        onLoop(() -> {
            runner.handle(commit(-1), this::answered);
            return true;
        });

        assertThat(answers.take()).isEqualTo(GroupError.COORDINATOR_LOAD_IN_PROGRESS);
        await().untilAsserted(() ->
                assertThat(offsetSeenBy(runner)).isEqualTo(COMMITS_OF_A_LONG_LOG - 1L));
    }

    @Test
    void aStepThatComesWhileTheLogIsReadIsTakenAfterwards() throws InterruptedException {
        var runner = runner(partitionWithALongLog());

        onLoop(() -> {
            runner.open();
            runner.apply((shard, nowMs) -> shard.topicDeleted("t", nowMs));
            return true;
        });

        await().until(() -> onLoop(() -> runner.open() != null));
        assertThat(offsetSeenBy(runner)).isNull();
    }
}
