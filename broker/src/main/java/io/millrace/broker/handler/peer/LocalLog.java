package io.millrace.broker.handler.peer;

import io.millrace.broker.handler.log.LogErrors;
import io.millrace.broker.loop.CommitWaiter.Commit;
import io.millrace.broker.loop.Partition;
import io.millrace.storage.LogSlice;
import io.millrace.storage.PartitionLog.AppendResult;
import io.millrace.storage.PartitionLog.Origin;
import io.millrace.storage.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.protocol.Errors;

/** The log of a partition that this broker leads; what is asked is done on its loop. */
public record LocalLog(Partition partition) implements ReachableLog {
    private static final int ONE_BATCH = 1;

    @Override
    public CompletableFuture<ByteBuffer> batchesFrom(long offset) {
        var read = new CompletableFuture<ByteBuffer>();
        partition.loop().run(() -> read(offset, read));
        return read;
    }

    private void read(long offset, CompletableFuture<ByteBuffer> read) {
        if (LogErrors.availability(partition) == Errors.NOT_LEADER_OR_FOLLOWER) {
            read.completeExceptionally(new IOException("it is not led here any more"));
            return;
        }
        if (partition.isDeleted() || partition.isOffline()) {
            read.complete(ByteBuffer.allocate(0));
            return;
        }
        try {
            ByteBuffer batches = read(offset);
            if (batches.hasRemaining() || partition.highWatermark() > offset) {
                read.complete(batches);
            } else {
                read.completeExceptionally(notCommitted(offset));
            }
        } catch (StorageException e) {
            read.complete(ByteBuffer.allocate(0));
        }
    }

    /**
     * A leader that is new knows less of what is committed than the one before it knew: what was
     * read there comes to be readable here.
     */
    static IOException notCommitted(long offset) {
        return new IOException("offset %d is not known to be committed yet".formatted(offset));
    }

    private ByteBuffer read(long offset) {
        LogSlice slice = partition.read(offset, partition.highWatermark(), ONE_BATCH, true);
        ByteBuffer bytes = slice.read();
        slice.release();
        return bytes;
    }

    @Override
    public CompletableFuture<Void> append(ByteBuffer batch) {
        var appended = new CompletableFuture<Void>();
        partition.loop().run(() -> append(batch, appended));
        return appended;
    }

    private void append(ByteBuffer batch, CompletableFuture<Void> appended) {
        Errors error = LogErrors.availability(partition);
        if (error != Errors.NONE) {
            appended.completeExceptionally(new IOException(error.message()));
            return;
        }
        try {
            switch (partition.append(batch, Origin.COORDINATOR)) {
                case AppendResult.Appended done -> await(done.lastOffset() + 1, appended);
                case AppendResult.Duplicate earlier -> await(earlier.lastOffset() + 1, appended);
                case AppendResult.Refused refused ->
                        appended.completeExceptionally(new IOException(refused.message()));
            }
        } catch (StorageException e) {
            appended.completeExceptionally(e);
        }
    }

    private void await(long end, CompletableFuture<Void> appended) {
        partition.whenCommitted(
                end,
                outcome -> {
                    if (outcome == Commit.COMMITTED) {
                        appended.complete(null);
                    } else {
                        appended.completeExceptionally(
                                new IOException(LogErrors.of(outcome).message()));
                    }
                });
    }
}
