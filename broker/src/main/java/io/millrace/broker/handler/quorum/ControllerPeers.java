package io.millrace.broker.handler.quorum;

import com.google.protobuf.ByteString;
import io.millrace.broker.wire.PeerAddress;
import io.millrace.broker.wire.Peers;
import io.millrace.cluster.quorum.NotControllerException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.IntFunction;
import org.apache.kafka.common.message.EnvelopeRequestData;
import org.apache.kafka.common.message.EnvelopeResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/**
 * Requests to the controllers' listeners. Thread-safe; never blocks. Answers come on an event loop.
 *
 * @param addresses where the controller of a node is reached, if that is known; thread-safe
 * @param peers connections of their own: what goes to controllers does not wait behind what goes to
 *     brokers
 */
public record ControllerPeers(IntFunction<Optional<InetSocketAddress>> addresses, Peers peers) {
    private static final int NO_EPOCH = -1;

    /**
     * Has a controller answer a request of ours. Fails with a {@link NotControllerException} if it
     * does not lead and has done nothing, or stopped to lead before it knew; with an {@link
     * IOException} if it cannot be reached, does not answer or fails: then it is not known whether
     * it has done what was asked.
     *
     * @param node one of the voters
     */
    public CompletableFuture<ByteString> ask(int node, ByteString request) {
        var envelope =
                new EnvelopeRequestData()
                        .setRequestData(request.asReadOnlyByteBuffer())
                        .setClientHostAddress(new byte[0]);
        return send(node, ApiKeys.ENVELOPE, ApiKeys.ENVELOPE.latestVersion(), envelope)
                .thenApply(answer -> read(node, (EnvelopeResponseData) answer));
    }

    private static ByteString read(int node, EnvelopeResponseData answer) {
        Errors error = Errors.forCode(answer.errorCode());
        return switch (error) {
            case NONE ->
                    answer.responseData() == null
                            ? ByteString.EMPTY
                            : ByteString.copyFrom(answer.responseData().duplicate());
            case NOT_CONTROLLER -> throw new NotControllerException(OptionalInt.empty(), NO_EPOCH);
            default ->
                    throw new CompletionException(
                            new IOException("node %d answers %s".formatted(node, error)));
        };
    }

    /** Sends one of Kafka's requests to a controller; fails as {@link Peers#send} does. */
    public CompletableFuture<ApiMessage> send(
            int node, ApiKeys api, short version, ApiMessage request) {
        InetSocketAddress address = addresses.apply(node).orElse(null);
        return address == null
                ? CompletableFuture.failedFuture(
                        new IOException("node %d is no controller".formatted(node)))
                : peers.send(
                        new PeerAddress(address.getHostString(), address.getPort()),
                        api,
                        version,
                        request);
    }
}
