package io.millrace.broker.wire;

import io.millrace.broker.net.Frame;
import java.nio.ByteBuffer;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.ApiVersionsRequest;
import org.apache.kafka.common.requests.RequestHeader;

/** Turns the bytes of a frame into a request. Stateless. */
final class RequestDecoder {
    private RequestDecoder() {}

    /** A decoded header and body. */
    record Decoded(RequestHeader header, AbstractRequest body) {}

    /**
     * Decodes a frame. Records in the body stay slices of the frame.
     *
     * @throws InvalidRequestException if the bytes are no request that this broker serves
     */
    static Decoded decode(Frame frame, Dispatcher dispatcher) {
        ByteBuffer bytes = frame.bytes().nioBuffer();
        RequestHeader header = RequestHeader.parse(bytes);
        short version = header.apiVersion();
        if (header.apiKey() == ApiKeys.API_VERSIONS && !header.isApiVersionSupported()) {
            // KIP-511: a client newer than this broker learns the versions from a version 0 answer.
            return new Decoded(
                    header,
                    new ApiVersionsRequest(new ApiVersionsRequestData(), (short) 0, version));
        }
        if (!dispatcher.serves(header.apiKey(), version)) {
            throw new InvalidRequestException(
                    "version %d of %s is not served".formatted(version, header.apiKey().name));
        }
        try {
            var body =
                    AbstractRequest.parseRequest(
                                    header.apiKey(),
                                    version,
                                    new BoundedReader(bytes, header.apiKey(), version))
                            .request;
            return new Decoded(header, body);
        } catch (RuntimeException e) {
            // The generated readers throw whatever the malformed bytes lead them to.
            throw new InvalidRequestException(
                    "version %d of %s cannot be decoded: %s"
                            .formatted(version, header.apiKey().name, e.getMessage()),
                    e);
        }
    }
}
