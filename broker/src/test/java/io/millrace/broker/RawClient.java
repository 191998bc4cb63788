package io.millrace.broker;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.requests.ResponseHeader;

/** A connection that sends any request, and reads its answer. Used by one thread. */
public final class RawClient implements AutoCloseable {
    private final Socket socket;
    private int correlation;

    public RawClient(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(30_000);
    }

    /** Sends a request in its newest version and waits for the answer. */
    public <T extends ApiMessage> T ask(ApiKeys api, ApiMessage body, Class<T> type)
            throws IOException {
        return ask(api, api.latestVersion(false), body, type);
    }

    /** Sends a request and waits for the answer. */
    public <T extends ApiMessage> T ask(ApiKeys api, short version, ApiMessage body, Class<T> type)
            throws IOException {
        send(api, version, body);
        var in = new DataInputStream(socket.getInputStream());
        var answer = ByteBuffer.wrap(in.readNBytes(in.readInt()));
        ResponseHeader.parse(answer, api.responseHeaderVersion(version));
        ApiMessage message = api.messageType.newResponse();
        message.read(new ByteBufferAccessor(answer), version);
        return type.cast(message);
    }

    /** Sends a request and waits for nothing. */
    public void send(ApiKeys api, short version, ApiMessage body) throws IOException {
        var header = new RequestHeader(api, version, "raw", ++correlation);
        var head = MessageUtil.toByteBufferAccessor(header.data(), header.headerVersion()).buffer();
        ByteBuffer bytes = MessageUtil.toByteBufferAccessor(body, version).buffer();
        byte[] frame = new byte[Integer.BYTES + head.remaining() + bytes.remaining()];
        ByteBuffer.wrap(frame).putInt(frame.length - Integer.BYTES).put(head).put(bytes);
        socket.getOutputStream().write(frame);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
