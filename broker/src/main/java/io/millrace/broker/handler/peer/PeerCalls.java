package io.millrace.broker.handler.peer;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.broker.handler.LeaderPeers;
import io.millrace.broker.proto.PeerAnswer;
import io.millrace.broker.proto.PeerCall;
import io.millrace.broker.queue.model.QueueError;
import io.millrace.cluster.metadata.NodeImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.kafka.common.message.EnvelopeRequestData;
import org.apache.kafka.common.message.EnvelopeResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks other brokers in messages of our own, which go as the data of an ENVELOPE request.
 * Thread-safe; never blocks.
 */
final class PeerCalls {
    /** The largest call: what a client can have sent on is well below, but for abuse. */
    static final int MOST_BYTES = 1 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(PeerCalls.class);
    private static final PeerAnswer UNAVAILABLE =
            Answers.error(QueueError.COORDINATOR_NOT_AVAILABLE);

    private final LeaderPeers leaders;

    PeerCalls(LeaderPeers leaders) {
        this.leaders = leaders;
    }

    LeaderPeers leaders() {
        return leaders;
    }

    /**
     * Asks a broker. If it does not answer, or nonsense, the answer is that it is not available:
     * what was asked may have been done all the same.
     *
     * @param broker null if there is none
     * @param read makes of the answer what is wanted; may throw IllegalArgumentException
     * @param then told once, on some event loop or, where nothing can be sent, at once
     */
    <V> void ask(
            @Nullable NodeImage broker,
            PeerCall call,
            Function<PeerAnswer, V> read,
            Consumer<V> then) {
        if (broker == null) {
            then.accept(read.apply(UNAVAILABLE));
            return;
        }
        byte[] bytes = call.toByteArray();
        if (bytes.length > MOST_BYTES) {
            then.accept(read.apply(Answers.error(QueueError.INVALID_REQUEST)));
            return;
        }
        var envelope =
                new EnvelopeRequestData()
                        .setRequestData(ByteBuffer.wrap(bytes))
                        .setRequestPrincipal(principal(leaders.image().get().clusterId()))
                        .setClientHostAddress(new byte[0]);
        var _ =
                leaders.ask(broker, ApiKeys.ENVELOPE, envelope)
                        .handle((answer, failure) -> read(broker, answer, failure, read))
                        .thenAccept(then)
                        .exceptionally(PeerCalls::failed);
    }

    /** How a broker says of itself that it is one of the cluster's. */
    static byte[] principal(String clusterId) {
        return clusterId.getBytes(StandardCharsets.UTF_8);
    }

    private static <V> V read(
            NodeImage broker,
            @Nullable ApiMessage answer,
            @Nullable Throwable failure,
            Function<PeerAnswer, V> read) {
        try {
            if (answer == null) {
                throw new IOException(failure);
            }
            return read.apply(open((EnvelopeResponseData) answer));
        } catch (IOException | IllegalArgumentException e) {
            LOG.debug("Broker {} was asked in vain: {}", broker.id(), e.getMessage());
            return read.apply(UNAVAILABLE);
        }
    }

    private static PeerAnswer open(EnvelopeResponseData envelope) throws IOException {
        Errors error = Errors.forCode(envelope.errorCode());
        if (error != Errors.NONE || envelope.responseData() == null) {
            throw new IOException("it answers " + error);
        }
        try {
            return PeerAnswer.parseFrom(envelope.responseData());
        } catch (InvalidProtocolBufferException e) {
            throw new IOException("its answer cannot be read: " + e.getMessage(), e);
        }
    }

    /** What is done with an answer has thrown. */
    static @Nullable Void failed(Throwable failure) {
        LOG.error("What another broker answered was not taken here: please report it", failure);
        return null;
    }
}
