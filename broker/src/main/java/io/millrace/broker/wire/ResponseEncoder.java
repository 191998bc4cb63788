package io.millrace.broker.wire;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.MessageSizeAccumulator;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.ApiVersionsResponse;
import org.apache.kafka.common.requests.FetchResponse;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.requests.ShareFetchResponse;
import org.jspecify.annotations.Nullable;

/** Writes responses: length, header, body, and records straight from their files. Stateless. */
final class ResponseEncoder {
    private static final int LENGTH_BYTES = 4;

    /** Records that an answer reads into memory, where the client keeps up with its answers. */
    private static final int READ_AT_ONCE_BYTES = 64 * 1024;

    private ResponseEncoder() {}

    /** Writes without flushing. The future is done when the last part has left. */
    static ChannelFuture write(
            ChannelHandlerContext context, RequestHeader request, AbstractResponse response) {
        boolean keepsUp = context.channel().isWritable();
        return write(context, encode(context, request, response, keepsUp ? READ_AT_ONCE_BYTES : 0));
    }

    private static ChannelFuture write(ChannelHandlerContext context, List<Object> parts) {
        for (int i = 0; i < parts.size() - 1; i++) {
            var _ = context.write(parts.get(i), context.voidPromise());
        }
        return context.write(parts.getLast());
    }

    /** Encodes what cannot be written yet: its bytes are far less than the objects they say. */
    static EncodedAnswer encode(
            ChannelHandlerContext context, RequestHeader request, AbstractResponse response) {
        return new EncodedAnswer(encode(context, request, response, 0));
    }

    /** An answer that waits for those before it. To be written or discarded, once. */
    record EncodedAnswer(List<Object> parts) {
        /** What a part takes beside its bytes. */
        private static final int PART_BYTES = 200;

        /** Writes without flushing. The future is done when the last part has left. */
        ChannelFuture write(ChannelHandlerContext context) {
            return ResponseEncoder.write(context, parts);
        }

        void discard() {
            parts.forEach(ReferenceCountUtil::release);
        }

        /** Bytes of memory that it takes. */
        int memoryBytes() {
            int bytes = PART_BYTES * parts.size();
            for (Object part : parts) {
                bytes += part instanceof ByteBuf buffer ? buffer.readableBytes() : 0;
            }
            return bytes;
        }
    }

    private static List<Object> encode(
            ChannelHandlerContext context,
            RequestHeader request,
            AbstractResponse response,
            int readAtOnceBytes) {
        short version = bodyVersion(request, response);
        var header = request.toResponseHeader();
        ApiMessage body = response.data();
        var cache = new ObjectSerializationCache();
        var size = new MessageSizeAccumulator();
        header.data().addSize(size, cache, header.headerVersion());
        body.addSize(size, cache, version);
        ByteBuf buffer = context.alloc().ioBuffer(LENGTH_BYTES + size.sizeExcludingZeroCopy());
        var writer = new ResponseWriter(buffer, readAtOnceBytes);
        try {
            writer.writeInt(size.totalSize());
            header.data().write(writer, cache, header.headerVersion());
            body.write(writer, cache, version);
        } catch (RuntimeException | OutOfMemoryError e) {
            writer.abandon();
            throw e;
        }
        return writer.finish();
    }

    private static short bodyVersion(RequestHeader request, AbstractResponse response) {
        boolean fallback =
                response instanceof ApiVersionsResponse && !request.isApiVersionSupported();
        return fallback ? 0 : request.apiVersion();
    }

    /** Frees what a response that nobody can receive any more holds. */
    static void discard(AbstractResponse response) {
        switch (response) {
            case FetchResponse fetch ->
                    fetch.data()
                            .responses()
                            .forEach(topic ->
                                    topic.partitions().forEach(each -> free(each.records())));
            case ShareFetchResponse fetch ->
                    fetch.data()
                            .responses()
                            .forEach(topic ->
                                    topic.partitions().forEach(each -> free(each.records())));
            default -> {}
        }
    }

    private static void free(@Nullable BaseRecords unsent) {
        if (unsent != null) {
            SeveralSlices.release(unsent);
        }
    }
}
