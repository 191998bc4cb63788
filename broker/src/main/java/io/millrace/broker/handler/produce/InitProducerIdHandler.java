package io.millrace.broker.handler.produce;

import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.handler.MetadataErrors;
import io.millrace.broker.wire.Request;
import io.millrace.cluster.MetadataService;
import io.millrace.cluster.controller.Command.AllocateProducerIds;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.InitProducerIdRequest;
import org.apache.kafka.common.requests.InitProducerIdResponse;

/**
 * InitProducerId for idempotent producers: an id that nobody else has, from blocks that the
 * metadata log hands out. A producer that lost its place raises its own epoch and comes for a new
 * id only when its epochs run out (KIP-360).
 */
public final class InitProducerIdHandler implements ApiHandler {
    private static final int BLOCK = 1000;

    private final MetadataService metadata;
    private final AtomicReference<Block> block = new AtomicReference<>(new Block(0, 0));

    /** Ids from {@code next} (inclusive) to {@code end} (exclusive) are free. */
    private record Block(long next, long end) {}

    public InitProducerIdHandler(MetadataService metadata) {
        this.metadata = metadata;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.INIT_PRODUCER_ID;
    }

    @Override
    public short newestVersion() {
        // Version 6 adds two-phase commit, which is not stable.
        return (short) Math.min(5, api().latestVersion(false));
    }

    @Override
    public void handle(Request request) {
        InitProducerIdRequestData asked = request.body(InitProducerIdRequest.class).data();
        if (asked.transactionalId() != null) {
            throw new InvalidRequestException("transactions are not served");
        }
        give(request);
    }

    private void give(Request request) {
        Block taken =
                block.getAndUpdate(free ->
                        free.next() < free.end() ? new Block(free.next() + 1, free.end()) : free);
        if (taken != null && taken.next() < taken.end()) {
            request.answer(
                    new InitProducerIdResponse(
                            new InitProducerIdResponseData()
                                    .setProducerId(taken.next())
                                    .setProducerEpoch((short) 0)));
            return;
        }
        MetadataErrors.whenDone(
                metadata.submit(List.of(new AllocateProducerIds(BLOCK))),
                request,
                outcome -> {
                    long end = outcome.image().nextProducerId();
                    block.set(new Block(end - BLOCK, end));
                    give(request);
                });
    }
}
