package io.millrace.broker.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the stream into {@link Frame}s: four bytes of length, then as many bytes. A frame that lies
 * whole in what was read is passed on as a slice of it; any other is gathered in a buffer that
 * grows with the bytes that have come, never by what the length promises. One per connection, on
 * its event loop.
 */
final class FrameDecoder extends ChannelInboundHandlerAdapter {
    private static final int LENGTH_BYTES = 4;
    private static final int FIRST_BUFFER_BYTES = 16 * 1024;

    private final MemoryBudget budget;
    private final int largestFrameBytes;
    private int lengthBytesSeen;
    private int frameBytes;
    private @Nullable ByteBuf gathered;
    private int chargedBytes;

    FrameDecoder(MemoryBudget budget, int largestFrameBytes) {
        this.budget = budget;
        this.largestFrameBytes = largestFrameBytes;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            while (in.isReadable()) {
                step(context, in);
            }
        } finally {
            in.release();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (gathered == null && budget.isExhausted()) {
            budget.pause(context.channel());
        }
        context.fireChannelReadComplete();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        dropGathered();
        context.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        dropGathered();
    }

    private void step(ChannelHandlerContext context, ByteBuf in) {
        if (lengthBytesSeen < LENGTH_BYTES) {
            readLength(in);
        } else if (gathered == null && in.readableBytes() >= frameBytes) {
            charge(frameBytes);
            pass(context, in.readRetainedSlice(frameBytes));
        } else {
            gather(context, in);
        }
    }

    private void readLength(ByteBuf in) {
        while (lengthBytesSeen < LENGTH_BYTES && in.isReadable()) {
            frameBytes = frameBytes << 8 | in.readUnsignedByte();
            lengthBytesSeen++;
        }
        if (lengthBytesSeen == LENGTH_BYTES
                && (frameBytes <= 0 || frameBytes > largestFrameBytes)) {
            throw new FrameException(
                    "a frame of %d bytes, allowed are 1 to %d (socket.request.max.bytes)"
                            .formatted(frameBytes, largestFrameBytes));
        }
    }

    private void gather(ChannelHandlerContext context, ByteBuf in) {
        ByteBuf buffer = gathered;
        if (buffer == null) {
            buffer = context.alloc().ioBuffer(firstCapacity(in.readableBytes()), frameBytes);
            gathered = buffer;
            charge(buffer.capacity());
        }
        int wanted = Math.min(in.readableBytes(), frameBytes - buffer.readableBytes());
        growFor(buffer, wanted);
        buffer.writeBytes(in, wanted);
        if (buffer.readableBytes() == frameBytes) {
            gathered = null;
            pass(context, buffer);
        }
    }

    private int firstCapacity(int available) {
        return Math.min(frameBytes, Math.max(FIRST_BUFFER_BYTES, available));
    }

    private void growFor(ByteBuf buffer, int wanted) {
        int needed = buffer.readableBytes() + wanted;
        if (needed > buffer.capacity()) {
            int larger = (int) Math.min(frameBytes, Math.max(needed, 2L * buffer.capacity()));
            charge(larger - buffer.capacity());
            buffer.capacity(larger);
        }
    }

    private void charge(int bytes) {
        if (!budget.tryCharge(bytes)) {
            throw new FrameException(
                    "the memory for requests is used up (%d bytes, queued.max.request.bytes)"
                            .formatted(budget.usedBytes()));
        }
        chargedBytes += bytes;
    }

    private void pass(ChannelHandlerContext context, ByteBuf bytes) {
        Frame frame = new Frame(bytes, budget, chargedBytes);
        chargedBytes = 0;
        lengthBytesSeen = 0;
        frameBytes = 0;
        context.fireChannelRead(frame);
    }

    private void dropGathered() {
        ByteBuf buffer = gathered;
        if (buffer != null) {
            gathered = null;
            buffer.release();
        }
        if (chargedBytes > 0) {
            budget.release(chargedBytes);
            chargedBytes = 0;
        }
    }
}
