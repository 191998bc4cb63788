package io.millrace.broker.handler.queue;

import io.millrace.broker.coordinator.DeadLetters;
import io.millrace.broker.loop.CommitWaiter.Commit;
import io.millrace.broker.loop.Partition;
import io.millrace.broker.queue.QueueEffect;
import io.millrace.broker.queue.QueueEffect.Corpse;
import io.millrace.storage.PartitionLog.AppendResult;
import io.millrace.storage.PartitionLog.Origin;
import io.millrace.storage.StorageException;
import io.millrace.storage.batch.BatchBuilder;
import io.millrace.storage.batch.BatchBuilder.Header;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Dead letters on their way: read on the loop of the partition that they come from, written on that
 * of the one that they go to, one batch of bounded size after another.
 */
final class Burial {
    private static final Logger LOG = LoggerFactory.getLogger(Burial.class);
    private static final int BATCH_BYTES = 512 * 1024;
    static final long RETRY_MS = 5_000;

    private final QueueEffect.Bury dead;
    private final Partition from;
    private final Partition to;
    private final boolean copies;
    private final DeadLetters.Outcome done;
    private final Originals originals;
    private int next;

    Burial(
            QueueEffect.Bury dead,
            Partition from,
            Partition to,
            boolean copies,
            DeadLetters.Outcome done) {
        this.dead = dead;
        this.from = from;
        this.to = to;
        this.copies = copies;
        this.done = done;
        this.originals = new Originals(from);
    }

    /** Goes on with the next batch; on the loop where the letters come from. */
    void goOn() {
        if (next == dead.dead().size()) {
            done.done(true);
            return;
        }
        var builder = new BatchBuilder();
        while (next < dead.dead().size() && builder.bytesSoFar() < BATCH_BYTES) {
            add(builder, dead.dead().get(next++));
        }
        ByteBuffer batch = builder.build();
        to.loop().run(() -> append(batch));
    }

    private void add(BatchBuilder builder, Corpse corpse) {
        var headers = new ArrayList<Header>();
        byte[] key = null;
        byte[] value = null;
        if (copies && !from.isDeleted() && !from.isOffline()) {
            Originals.Original original = originals.of(corpse.offset());
            key = original.key();
            value = original.value();
            headers.addAll(original.headers());
        }
        headers.addAll(DeadLetterHeaders.of(from.id(), dead.key().group(), corpse));
        builder.add(from.loop().nowMs(), key, value, headers.toArray(Header[]::new));
    }

    private void append(ByteBuffer batch) {
        if (to.isDeleted() || to.isOffline()) {
            failed("the partition is gone");
            return;
        }
        try {
            switch (to.append(batch, Origin.COORDINATOR)) {
                case AppendResult.Appended appended -> await(appended.lastOffset() + 1);
                case AppendResult.Duplicate earlier -> await(earlier.lastOffset() + 1);
                case AppendResult.Refused refused -> failed(refused.message());
            }
        } catch (StorageException e) {
            failed(e.getMessage());
        }
    }

    private void await(long end) {
        to.whenCommitted(
                end,
                outcome -> {
                    if (outcome == Commit.COMMITTED) {
                        from.loop().run(this::goOn);
                    } else {
                        failed("the partition failed");
                    }
                });
    }

    private void failed(@org.jspecify.annotations.Nullable String why) {
        LOG.warn("Dead letters could not be written to {}, trying again: {}", to.id(), why);
        from.loop().execute(() -> from.loop().schedule(() -> done.done(false), RETRY_MS));
    }
}
