package io.millrace.broker.wire;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Supplier;

/**
 * Cuts what another broker sends into answers: four bytes of length, then as many bytes, gathered
 * in the memory of whoever asked. One a connection, on its event loop.
 */
abstract class AnswerDecoder extends ChannelInboundHandlerAdapter {
    private static final int LENGTH_BYTES = 4;

    private final int largestBytes;
    private final Supplier<AnswerMemory> next;
    private AnswerMemory memory = AnswerMemory.once();
    private ByteBuffer gathered = ByteBuffer.allocate(0);
    private int lengthBytesSeen;
    private int answerBytes;

    /**
     * @param largestBytes an answer that announces more is refused
     * @param next the memory for the answer that begins
     */
    AnswerDecoder(int largestBytes, Supplier<AnswerMemory> next) {
        this.largestBytes = largestBytes;
        this.next = next;
    }

    /** An answer has come, without its length. */
    abstract void answered(ChannelHandlerContext context, ByteBuffer answer);

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws IOException {
        ByteBuf in = (ByteBuf) message;
        try {
            // Once it is closed, what another connection has asked for is not answered here.
            while (in.isReadable() && context.channel().isOpen()) {
                if (lengthBytesSeen < LENGTH_BYTES) {
                    readLength(in);
                } else {
                    gather(context, in);
                }
            }
        } finally {
            in.release();
        }
    }

    private void readLength(ByteBuf in) throws IOException {
        while (lengthBytesSeen < LENGTH_BYTES && in.isReadable()) {
            answerBytes = answerBytes << 8 | in.readUnsignedByte();
            lengthBytesSeen++;
        }
        if (lengthBytesSeen == LENGTH_BYTES) {
            if (answerBytes <= 0 || answerBytes > largestBytes) {
                throw new IOException(
                        "an answer of %d bytes, allowed are 1 to %d"
                                .formatted(answerBytes, largestBytes));
            }
            memory = next.get();
            gathered = memory.begin(answerBytes);
        }
    }

    private void gather(ChannelHandlerContext context, ByteBuf in) {
        if (!gathered.hasRemaining()) {
            gathered = memory.grow(answerBytes);
        }
        int left = answerBytes - gathered.position();
        int wanted = Math.min(Math.min(in.readableBytes(), left), gathered.remaining());
        int end = gathered.position() + wanted;
        in.readBytes(gathered.limit(end));
        gathered.limit(gathered.capacity());
        if (end == answerBytes) {
            ByteBuffer answer = gathered.flip();
            lengthBytesSeen = 0;
            answerBytes = 0;
            answered(context, answer);
        }
    }
}
