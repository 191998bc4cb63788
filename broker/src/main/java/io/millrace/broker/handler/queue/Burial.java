package io.millrace.broker.handler.queue;

import io.millrace.broker.coordinator.DeadLetters;
import io.millrace.broker.handler.peer.ReachableLog;
import io.millrace.broker.loop.OwnerLoop;
import io.millrace.broker.loop.PartitionId;
import io.millrace.broker.queue.QueueEffect;
import io.millrace.broker.queue.QueueEffect.Corpse;
import io.millrace.storage.batch.BatchBuilder;
import io.millrace.storage.batch.BatchBuilder.Header;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.concurrent.CompletionException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Dead letters on their way: read where they come from and written where they go to, one batch of
 * bounded size after another. Belongs to a loop, on which it goes on after each step. A batch that
 * the topic finds too large is sent letter by letter, a letter that it finds too large without the
 * record's copy.
 */
final class Burial {
    private static final Logger LOG = LoggerFactory.getLogger(Burial.class);
    private static final int BATCH_BYTES = 512 * 1024;
    static final long RETRY_MS = 5_000;

    private final QueueEffect.Bury dead;
    private final PartitionId origin;
    private final Way way;
    private final OwnerLoop home;
    private final DeadLetters.Outcome done;
    private final Originals originals = new Originals();
    private int first;
    private int next;
    private int most = Integer.MAX_VALUE;
    private boolean bare;

    /**
     * From where to where letters go.
     *
     * @param copies whether they hold the record, for which {@code from} is read
     */
    record Way(ReachableLog from, ReachableLog to, boolean copies) {}

    /**
     * @param origin the partition that the letters come from
     * @param home where the burial goes on
     */
    Burial(
            QueueEffect.Bury dead,
            PartitionId origin,
            Way way,
            OwnerLoop home,
            DeadLetters.Outcome done) {
        this.dead = dead;
        this.origin = origin;
        this.way = way;
        this.home = home;
        this.done = done;
    }

    /** Begins, or goes on with the next batch; on the home loop. */
    void goOn() {
        first = next;
        if (next == dead.dead().size()) {
            done.done(true);
        } else {
            fill(new BatchBuilder());
        }
    }

    private void fill(BatchBuilder builder) {
        boolean copies = way.copies() && !bare;
        while (next < dead.dead().size()
                && next - first < most
                && builder.bytesSoFar() < BATCH_BYTES) {
            Corpse corpse = dead.dead().get(next);
            if (copies && !originals.knows(corpse.offset())) {
                read(corpse.offset(), builder);
                return;
            }
            add(builder, corpse, copies);
            next++;
        }
        send(builder.build());
    }

    private void read(long offset, BatchBuilder builder) {
        var _ =
                way.from()
                        .batchesFrom(offset)
                        .whenComplete((batches, failure) ->
                                home.execute(() -> {
                                    if (failure == null) {
                                        originals.take(offset, batches);
                                        fill(builder);
                                    } else {
                                        failed("the records cannot be read", failure);
                                    }
                                }));
    }

    private void add(BatchBuilder builder, Corpse corpse, boolean copies) {
        var headers = new ArrayList<Header>();
        byte[] key = null;
        byte[] value = null;
        if (copies) {
            Originals.Original original = originals.of(corpse.offset());
            key = original.key();
            value = original.value();
            headers.addAll(original.headers());
        }
        headers.addAll(DeadLetterHeaders.of(origin, dead.key().group(), corpse));
        builder.add(home.nowMs(), key, value, headers.toArray(Header[]::new));
    }

    private void send(ByteBuffer batch) {
        var _ =
                way.to()
                        .append(batch)
                        .whenComplete((nothing, failure) -> home.execute(() -> sent(failure)));
    }

    private void sent(@Nullable Throwable failure) {
        if (failure == null) {
            bare = false;
            goOn();
        } else if (cause(failure) instanceof RecordTooLargeException
                && (next - first > 1 || !bare)) {
            bare = next - first == 1;
            most = 1;
            next = first;
            goOn();
        } else {
            failed("they could not be written", failure);
        }
    }

    private static @Nullable Throwable cause(Throwable failure) {
        return failure instanceof CompletionException ? failure.getCause() : failure;
    }

    private void failed(String what, Throwable why) {
        LOG.warn(
                "Dead letters of {} and group {} wait, {}; trying again: {}",
                origin,
                dead.key().group(),
                what,
                why.getMessage());
        home.schedule(() -> done.done(false), RETRY_MS);
    }
}
