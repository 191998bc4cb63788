package io.millrace.broker.coordinator;

import io.millrace.broker.loop.Loops;
import io.millrace.broker.loop.OwnerLoop;
import io.millrace.broker.loop.Partition;
import io.millrace.broker.loop.PartitionDirectory;
import io.millrace.broker.loop.TestPartition;
import io.millrace.cluster.metadata.NodeIds;
import io.millrace.cluster.replication.Terms;
import io.millrace.storage.Durability;
import io.millrace.storage.flush.FlushQueue;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** An internal topic of one partition on a real disk, and the loop that owns it. */
final class TestShard implements AutoCloseable {
    static final int SELF = 1;
    static final int OTHER = 2;

    final PartitionDirectory directory = new PartitionDirectory();
    final Partition partition;
    private final MultiThreadIoEventLoopGroup events =
            new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final FlushQueue flushes = new FlushQueue(1);
    private final OwnerLoop loop;

    TestShard(String topic, Path folder) {
        loop = new Loops(events, System::currentTimeMillis).ownerOf(topic, 0);
        partition = TestPartition.of(topic, loop, flushes, Durability.FSYNC, folder);
        directory.put(
                new PartitionDirectory.HostedTopic(
                        partition.id().topicId(), topic, List.of(partition)));
    }

    /** Does something on the loop, and waits for what comes of it. */
    <R> R onLoop(Callable<R> task) {
        return on(loop, task);
    }

    /** The same on any loop. */
    static <R> R on(OwnerLoop loop, Callable<R> task) {
        return CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                return task.call();
                            } catch (Exception e) {
                                throw new IllegalStateException(e);
                            }
                        },
                        loop)
                .join();
    }

    /** The metadata says who leads the partition in its next epoch. On the loop. */
    void ledNextBy(int node) {
        Terms before = partition.terms();
        take(node, before.leaderEpoch() + 1, before.minInSyncReplicas());
    }

    /** The metadata says how many have to be in sync; one is. On the loop. */
    void needsInSync(int replicas) {
        Terms before = partition.terms();
        take(before.leader(), before.leaderEpoch(), replicas);
    }

    private void take(int leader, int leaderEpoch, int minInSync) {
        var self = NodeIds.of(SELF);
        int next = partition.terms().partitionEpoch() + 1;
        partition.take(new Terms(leader, leaderEpoch, next, self, self, minInSync));
    }

    @Override
    public void close() {
        onLoop(() -> {
            partition.close();
            return true;
        });
        events.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
        flushes.close();
    }
}
