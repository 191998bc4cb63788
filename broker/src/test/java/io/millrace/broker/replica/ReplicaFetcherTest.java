package io.millrace.broker.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.loop.Loops;
import io.millrace.broker.loop.OwnerLoop;
import io.millrace.broker.loop.Partition;
import io.millrace.broker.loop.ReplicaThrottle;
import io.millrace.broker.loop.Replication;
import io.millrace.broker.loop.TestPartition;
import io.millrace.broker.wire.Uuids;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.NodeIds;
import io.millrace.cluster.replication.Terms;
import io.millrace.storage.Durability;
import io.millrace.storage.batch.BatchBuilder;
import io.millrace.storage.batch.Codec;
import io.millrace.storage.flush.FlushQueue;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Node 1 follows node 2, in one epoch, in which it is made a replica and none and one again. */
final class ReplicaFetcherTest {
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final FlushQueue flushes = new FlushQueue(1);
    private final ExecutorService repairs = Executors.newSingleThreadExecutor();
    private final Link link = new Link();
    private int partitionEpoch;

    @TempDir private Path folder;

    /** A leader whose answers are given by the test. */
    private static final class Link implements LeaderLink {
        record Asked(FetchRequestData request, CompletableFuture<FetchResponseData> answer) {}

        final Deque<Asked> asked = new ArrayDeque<>();

        @Override
        public CompletableFuture<FetchResponseData> fetch(
                int leader, OwnerLoop loop, FetchRequestData request) {
            var answer = new CompletableFuture<FetchResponseData>();
            asked.add(new Asked(request, answer));
            return answer;
        }

        @Override
        public CompletableFuture<FetchResponseData> read(
                int node, OwnerLoop loop, FetchRequestData request) {
            throw new AssertionError("nothing is read as a consumer does");
        }

        @Override
        public void unreachable(int leader, Throwable why) {
            throw new AssertionError(why);
        }

        @Override
        public long nodeEpoch() {
            return 1;
        }

        @Override
        public boolean mayJoin(int node, long nodeEpoch) {
            throw new AssertionError("nothing is led here");
        }
    }

    @AfterEach
    void stop() {
        repairs.shutdownNow();
        flushes.close();
        channel.finishAndReleaseAll();
    }

    private Partition partition() {
        OwnerLoop loop = new Loops(channel.eventLoop(), () -> 1).ownerOf("t", 0);
        var replicas =
                new Replicas(
                        link,
                        new FetchSettings(1, 500, 1 << 20, 1 << 20, 100, false),
                        ReplicaThrottle.ofFollower(() -> ClusterImage.empty("c"), 1),
                        (_, _) -> new CompletableFuture<>(),
                        _ -> new CompletableFuture<>(),
                        repairs);
        return TestPartition.of(
                "t", loop, flushes, Durability.OS, folder, new Replication(1, 1_000, replicas));
    }

    /** Node 2 leads all the time. */
    private void take(Partition partition, Integer... replicas) {
        NodeIds nodes = NodeIds.of(List.of(replicas));
        partition.take(new Terms(2, 5, ++partitionEpoch, nodes, NodeIds.of(2), 1));
        partition.abandon();
        channel.runPendingTasks();
    }

    private void answer(Partition partition, long offset) {
        ByteBuffer records =
                new BatchBuilder(offset, Codec.NONE, 0)
                        .leaderEpoch(5)
                        .add(1, null, new byte[1])
                        .build();
        var data =
                new PartitionData()
                        .setHighWatermark(0)
                        .setLogStartOffset(0)
                        .setRecords(MemoryRecords.readableRecords(records));
        var topic =
                new FetchableTopicResponse()
                        .setTopicId(Uuids.toWire(partition.id().topicId()))
                        .setPartitions(List.of(data));
        link.asked.remove().answer().complete(new FetchResponseData().setResponses(List.of(topic)));
        channel.runPendingTasks();
    }

    @Test
    void whoIsNoReplicaAnyMoreFetchesNothingAndKeepsNothing() {
        Partition partition = partition();
        take(partition, 2, 1);
        answer(partition, 0);
        assertThat(partition.log().logEndOffset()).isEqualTo(1);

        take(partition, 2);
        answer(partition, 1);

        assertThat(partition.following()).isNull();
        assertThat(link.asked).isEmpty();
        assertThat(partition.isOpen()).isFalse();
        assertThat(Files.exists(folder.resolve("t-0"))).isFalse();
    }

    @Test
    void oneThatIsAReplicaAgainInTheSameEpochBeginsAnew() {
        Partition partition = partition();
        take(partition, 2, 1);
        answer(partition, 0);
        take(partition, 2);
        take(partition, 2, 1);

        answer(partition, 1);
        assertThat(partition.log().logEndOffset())
                .as("what was asked for before it was given up is not taken")
                .isZero();
        assertThat(link.asked).hasSize(1);
        assertThat(
                        link.asked
                                .element()
                                .request()
                                .topics()
                                .getFirst()
                                .partitions()
                                .getFirst()
                                .fetchOffset())
                .isZero();
        answer(partition, 0);
        assertThat(partition.log().logEndOffset()).isEqualTo(1);
    }
}
