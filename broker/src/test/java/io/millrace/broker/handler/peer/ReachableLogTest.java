package io.millrace.broker.handler.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.loop.Loops;
import io.millrace.broker.loop.OwnerLoop;
import io.millrace.broker.loop.TestPartition;
import io.millrace.storage.Durability;
import io.millrace.storage.batch.BatchBuilder;
import io.millrace.storage.flush.FlushQueue;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is read of a log whose leader does not know yet how far it is committed. */
@Timeout(30)
final class ReachableLogTest {
    private final MultiThreadIoEventLoopGroup events =
            new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final OwnerLoop loop = new Loops(events, System::currentTimeMillis).ownerOf("t", 0);
    private final FlushQueue flushes = new FlushQueue(1);

    @TempDir private Path folder;

    @AfterEach
    void stop() {
        flushes.close();
        events.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private static ByteBuffer batch() {
        var builder = new BatchBuilder();
        builder.add(1, new byte[] {1}, new byte[] {2});
        return builder.build();
    }

    private static CompletableFuture<ByteBuffer> fetched(
            long offset, long highWatermark, Errors error, ByteBuffer records) {
        var partition =
                new PartitionData()
                        .setHighWatermark(highWatermark)
                        .setErrorCode(error.code())
                        .setRecords(MemoryRecords.readableRecords(records));
        var topic = new FetchableTopicResponse().setPartitions(List.of(partition));
        return RemoteLog.fetched(offset, new FetchResponseData().setResponses(List.of(topic)));
    }

    @Test
    void whatIsNotYetKnownToBeCommittedHereIsReadLater() {
        var partition = TestPartition.of("t", loop, flushes, Durability.FSYNC, folder);
        var log = new LocalLog(partition);
        var early = new CompletableFuture<CompletableFuture<ByteBuffer>>();
        var appended = new CompletableFuture<CompletableFuture<Void>>();

        loop.execute(() -> {
            appended.complete(log.append(batch()));
            early.complete(log.batchesFrom(0));
        });

        assertThat(early.join()).isCompletedExceptionally();
        appended.join().join();
        assertThat(log.batchesFrom(0).join().hasRemaining()).isTrue();
        assertThat(log.batchesFrom(2).join().hasRemaining()).isFalse();
    }

    @Test
    void whatIsNotYetKnownToBeCommittedElsewhereIsReadLater() {
        var nothing = ByteBuffer.allocate(0);

        assertThat(fetched(7, 7, Errors.NONE, nothing)).isCompletedExceptionally();
        assertThat(fetched(7, 5, Errors.NONE, nothing)).isCompletedExceptionally();
        assertThat(fetched(7, 8, Errors.NONE, nothing)).isCompletedWithValue(nothing);
        assertThat(fetched(7, 8, Errors.NONE, batch()).join().hasRemaining()).isTrue();
        assertThat(fetched(7, 5, Errors.OFFSET_OUT_OF_RANGE, nothing).join().hasRemaining())
                .isFalse();
        assertThat(fetched(7, 7, Errors.NOT_LEADER_OR_FOLLOWER, nothing))
                .isCompletedExceptionally();
    }
}
