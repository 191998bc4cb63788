package io.millrace.broker.wire;

import io.millrace.storage.LogSlice;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.protocol.Writable;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.UnalignedMemoryRecords;

/**
 * Kafka's message writer over a Netty buffer. Records that lie in files become parts between the
 * pieces of the buffer: a few are read at once, so that they leave in one call with the rest of the
 * answer; more go by sendfile. Used by one thread for one response.
 */
final class ResponseWriter implements Writable {
    private final ByteBuf buffer;
    private final int mostReadBytes;
    private final List<Object> parts = new ArrayList<>(4);
    private final List<LogSlice> read = new ArrayList<>(2);
    private int cutAt;
    private int readBytes;

    /**
     * @param buffer takes everything but the records in files; owned by this writer
     * @param mostReadBytes how much of the files may be read at once, all records together
     */
    ResponseWriter(ByteBuf buffer, int mostReadBytes) {
        this.buffer = buffer;
        this.mostReadBytes = mostReadBytes;
    }

    /** The response's parts in order: buffers and file regions, each to be written and released. */
    List<Object> finish() {
        cut();
        buffer.release();
        read.forEach(LogSlice::release);
        return parts;
    }

    /** Frees what was written. The slices stay with the response. */
    void abandon() {
        for (Object part : parts) {
            if (part instanceof ByteBuf bytes) {
                bytes.release();
            }
        }
        buffer.release();
    }

    private void cut() {
        int length = buffer.writerIndex() - cutAt;
        if (length > 0) {
            parts.add(buffer.retainedSlice(cutAt, length));
            cutAt = buffer.writerIndex();
        }
    }

    @Override
    public void writeRecords(BaseRecords records) {
        switch (records) {
            case SliceRecords(LogSlice slice, int sizeBytes) -> writeSlice(slice, sizeBytes);
            case SeveralSlices several -> several.parts().forEach(this::writeRecords);
            case MemoryRecords memory -> writeByteBuffer(memory.buffer());
            case UnalignedMemoryRecords memory -> writeByteBuffer(memory.buffer());
            default ->
                    throw new IllegalArgumentException(
                            "records of type " + records.getClass().getName());
        }
    }

    private void writeSlice(LogSlice slice, int sizeBytes) {
        cut();
        FileChannel channel = slice.channelOrNull();
        if (channel == null) {
            parts.add(Unpooled.wrappedBuffer(slice.read().limit(sizeBytes)));
            read.add(slice);
        } else if (sizeBytes <= mostReadBytes - readBytes) {
            readBytes += sizeBytes;
            parts.add(readAtOnce(channel, slice.position(), sizeBytes));
            read.add(slice);
        } else {
            parts.add(new SliceRegion(channel, slice, sizeBytes));
        }
    }

    private ByteBuf readAtOnce(FileChannel channel, long position, int sizeBytes) {
        ByteBuf records = buffer.alloc().ioBuffer(sizeBytes, sizeBytes);
        try {
            while (records.isWritable()) {
                int more = records.writableBytes();
                if (records.writeBytes(channel, position + records.writerIndex(), more) < 0) {
                    throw new EOFException("a segment ends before its batches");
                }
            }
            return records;
        } catch (IOException e) {
            records.release();
            throw new UncheckedIOException("records cannot be read", e);
        }
    }

    @Override
    public void writeByte(byte value) {
        buffer.writeByte(value);
    }

    @Override
    public void writeShort(short value) {
        buffer.writeShort(value);
    }

    @Override
    public void writeInt(int value) {
        buffer.writeInt(value);
    }

    @Override
    public void writeLong(long value) {
        buffer.writeLong(value);
    }

    @Override
    public void writeDouble(double value) {
        buffer.writeDouble(value);
    }

    @Override
    public void writeByteArray(byte[] value) {
        buffer.writeBytes(value);
    }

    @Override
    public void writeByteBuffer(ByteBuffer value) {
        buffer.writeBytes(value.duplicate());
    }

    @Override
    public void writeUnsignedVarint(int value) {
        int rest = value;
        while ((rest & ~0x7F) != 0) {
            buffer.writeByte(rest & 0x7F | 0x80);
            rest >>>= 7;
        }
        buffer.writeByte(rest);
    }

    @Override
    public void writeVarint(int value) {
        writeUnsignedVarint(value << 1 ^ value >> 31);
    }

    @Override
    public void writeVarlong(long value) {
        long rest = value << 1 ^ value >> 63;
        while ((rest & ~0x7FL) != 0) {
            buffer.writeByte((int) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        buffer.writeByte((int) rest);
    }
}
