package io.millrace.broker.handler.transaction;

import io.millrace.cluster.MetadataService;
import io.millrace.cluster.controller.Command.AllocateProducerIds;
import io.millrace.cluster.controller.Decision;
import io.millrace.cluster.proto.MetadataRecord;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;

/** Producer ids that nobody else has, from blocks that the metadata log hands out. Thread-safe. */
public final class ProducerIds {
    private static final int BLOCK = 1000;

    private final MetadataService metadata;
    private final AtomicReference<Block> block = new AtomicReference<>(new Block(0, 0));

    /** Ids from {@code next} (inclusive) to {@code end} (exclusive) are free. */
    private record Block(long next, long end) {
        boolean isEmpty() {
            return next >= end;
        }
    }

    public ProducerIds(MetadataService metadata) {
        this.metadata = metadata;
    }

    /** Takes one; fails if the metadata cannot be stored. */
    CompletableFuture<Long> take() {
        Block taken =
                block.getAndUpdate(
                        free -> free.isEmpty() ? free : new Block(free.next() + 1, free.end()));
        if (taken != null && !taken.isEmpty()) {
            return CompletableFuture.completedFuture(taken.next());
        }
        return metadata.submit(List.of(new AllocateProducerIds(BLOCK)))
                .thenCompose(outcome -> {
                    // Not from the image, where others may have taken ids since.
                    long end = end(outcome.decisions().getFirst());
                    block.set(new Block(end - BLOCK, end));
                    return take();
                });
    }

    private static long end(Decision decision) {
        return switch (decision) {
            case Decision.Accepted(List<MetadataRecord> records) ->
                    records.getFirst().getProducerIdsAllocated().getNextProducerId();
            case Decision.Refused refused -> throw new IllegalStateException(refused.message());
        };
    }
}
