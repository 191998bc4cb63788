package io.millrace.broker.handler.quorum;

import com.google.protobuf.ByteString;
import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.wire.Request;
import io.millrace.cluster.quorum.NotControllerException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.EnvelopeRequest;
import org.apache.kafka.common.requests.EnvelopeResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Envelope: what another node passes on to this one. In Kafka a client's request is in it; here
 * whatever {@link ControllerPeers} was given.
 *
 * @param take answers, on any thread
 */
record EnvelopeHandler(Function<ByteString, CompletableFuture<ByteString>> take)
        implements ApiHandler {
    private static final Logger LOG = LoggerFactory.getLogger(EnvelopeHandler.class);

    @Override
    public ApiKeys api() {
        return ApiKeys.ENVELOPE;
    }

    @Override
    public void handle(Request request) {
        ByteBuffer data = request.body(EnvelopeRequest.class).requestData();
        // Copied: the frame goes once the request is answered.
        ByteString content = ByteString.copyFrom(data.duplicate());
        var _ =
                take.apply(content)
                        .whenComplete((answer, failure) ->
                                request.answer(
                                        failure == null
                                                ? new EnvelopeResponse(
                                                        answer.asReadOnlyByteBuffer(), Errors.NONE)
                                                : new EnvelopeResponse(errorOf(failure))));
    }

    private static Errors errorOf(@Nullable Throwable failure) {
        Throwable cause = failure instanceof CompletionException e ? e.getCause() : failure;
        if (cause instanceof NotControllerException) {
            return Errors.NOT_CONTROLLER;
        }
        LOG.error("What another node passed on failed here", cause);
        return Errors.UNKNOWN_SERVER_ERROR;
    }
}
