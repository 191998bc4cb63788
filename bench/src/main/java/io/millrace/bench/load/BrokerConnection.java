package io.millrace.bench.load;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.RequestHeader;

/** One connection that asks and waits. Blocks; belongs to one thread. */
public final class BrokerConnection implements AutoCloseable {
    private static final String CLIENT_ID = "bench";

    /** Where the body of a produce answer for one partition has its error code. */
    private static final int PRODUCE_ERROR_AT = 22;

    private final SocketChannel channel;
    private final DataInputStream in;
    private final OutputStream out;
    private byte[] answer = new byte[1 << 16];
    private int correlationId;

    /** Connects. Blocks. */
    public BrokerConnection(InetSocketAddress broker) throws IOException {
        channel = open(broker);
        in = new DataInputStream(Channels.newInputStream(channel));
        out = Channels.newOutputStream(channel);
    }

    static SocketChannel open(InetSocketAddress broker) throws IOException {
        SocketChannel opened = SocketChannel.open(broker);
        opened.setOption(StandardSocketOptions.TCP_NODELAY, true);
        return opened;
    }

    /** A request as it goes over the wire, its length before it. */
    static ByteBuffer frame(AbstractRequest request, int correlationId) {
        ApiKeys api = request.apiKey();
        ByteBuffer body =
                request.serializeWithHeader(
                        new RequestHeader(api, request.version(), CLIENT_ID, correlationId));
        ByteBuffer framed = ByteBuffer.allocate(Integer.BYTES + body.remaining());
        return framed.putInt(body.remaining()).put(body).flip();
    }

    /**
     * Asks and waits for the answer.
     *
     * @return the answer's body, after its header; valid until the next call
     */
    public ByteBuffer ask(AbstractRequest request) throws IOException {
        out.write(frame(request, correlationId++).array());
        return readAnswer(request.apiKey().responseHeaderVersion(request.version()));
    }

    /** Sends a produce request and waits until it is answered without an error. */
    void send(ByteBuffer produce) throws IOException {
        out.write(produce.array(), produce.arrayOffset(), produce.remaining());
        ByteBuffer body = readAnswer((short) 1);
        short error = body.getShort(PRODUCE_ERROR_AT);
        if (error != 0) {
            throw new IOException("a produce failed: " + Errors.forCode(error));
        }
    }

    private ByteBuffer readAnswer(short headerVersion) throws IOException {
        int length = in.readInt();
        if (length > answer.length) {
            answer = new byte[Integer.highestOneBit(length) << 1];
        }
        int read = in.readNBytes(answer, 0, length);
        if (read < length) {
            throw new EOFException("the broker closed the connection in the middle of an answer");
        }
        int header = Integer.BYTES + (headerVersion > 0 ? 1 : 0);
        return ByteBuffer.wrap(answer, header, length - header).slice();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
