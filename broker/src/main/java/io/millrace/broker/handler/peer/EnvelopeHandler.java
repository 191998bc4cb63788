package io.millrace.broker.handler.peer;

import com.google.protobuf.CodedInputStream;
import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.proto.PeerCall;
import io.millrace.broker.wire.Request;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.function.Supplier;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.EnvelopeRequest;
import org.apache.kafka.common.requests.EnvelopeResponse;

/**
 * Envelope: what another broker of the cluster asks, in messages of our own. Whoever does not know
 * the cluster's id is refused.
 */
public final class EnvelopeHandler implements ApiHandler {
    private static final int DEEPEST = 10;

    private final PeerService service;
    private final Supplier<String> clusterId;

    public EnvelopeHandler(PeerService service, Supplier<String> clusterId) {
        this.service = service;
        this.clusterId = clusterId;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.ENVELOPE;
    }

    @Override
    public void handle(Request request) {
        var envelope = request.body(EnvelopeRequest.class).data();
        byte[] principal = envelope.requestPrincipal();
        if (principal == null
                || !MessageDigest.isEqual(principal, PeerCalls.principal(clusterId.get()))) {
            request.answer(new EnvelopeResponse(Errors.CLUSTER_AUTHORIZATION_FAILED));
            return;
        }
        try {
            service.answer(
                    open(envelope.requestData()),
                    request.receivedMs(),
                    answer ->
                            request.answer(
                                    new EnvelopeResponse(
                                            ByteBuffer.wrap(answer.toByteArray()), Errors.NONE)));
        } catch (IOException | IllegalArgumentException e) {
            request.answer(new EnvelopeResponse(Errors.INVALID_REQUEST));
        }
    }

    private static PeerCall open(ByteBuffer bytes) throws IOException {
        if (bytes.remaining() > PeerCalls.MOST_BYTES) {
            throw new IOException("a call of %d bytes".formatted(bytes.remaining()));
        }
        var in = CodedInputStream.newInstance(bytes);
        var _ = in.setRecursionLimit(DEEPEST);
        return PeerCall.parseFrom(in);
    }
}
