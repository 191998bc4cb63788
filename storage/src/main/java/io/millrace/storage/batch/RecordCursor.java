package io.millrace.storage.batch;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.xerial.snappy.SnappyError;

/**
 * Walks the records of one batch, decompressing as it goes. Memory is bounded by the largest record
 * that has really come, never by a length field (snappy's library throws an Error for bad chunks);
 * decompressed bytes are bounded by {@link #decompressedLimit}, so that a bomb ends in an error.
 */
public final class RecordCursor implements AutoCloseable {
    private static final int LEAST_RECORD_BYTES = 6;
    private static final long FREE_DECOMPRESSED_BYTES = 64L << 20;
    private static final int LARGEST_RATIO = 64;

    private final int recordCount;
    private final long baseTimestamp;
    private final long baseOffset;
    private final long logAppendTimeMs;
    private final RecordView view = new RecordView();
    private final long decompressedLimit;
    private final int largestRecordBytes;
    private final @Nullable InputStream stream;
    private ByteBuffer bytes;
    private int at;
    private int end;
    private int walked;
    private long decompressed;

    /**
     * Starts before the first record of a batch that is stored, or of any.
     *
     * @throws MalformedBatchException if the codec is unknown or its frame does not start well
     */
    public RecordCursor(RecordBatchView batch) {
        this(batch, Integer.MAX_VALUE);
    }

    /**
     * Starts before the first record.
     *
     * @param batch its length must have been checked against the buffer
     * @param largestRecordBytes a larger record of a compressed batch is malformed
     * @throws MalformedBatchException if the codec is unknown or its frame does not start well
     */
    public RecordCursor(RecordBatchView batch, int largestRecordBytes) {
        this.largestRecordBytes = largestRecordBytes;
        recordCount = batch.recordCount();
        baseOffset = batch.baseOffset();
        baseTimestamp = batch.baseTimestamp();
        logAppendTimeMs = batch.isLogAppendTime() ? batch.maxTimestamp() : -1;
        bytes = batch.bytes();
        at = batch.position() + RecordBatchView.HEADER_BYTES;
        end = batch.position() + batch.sizeBytes();
        decompressedLimit = decompressedLimit(end - at);
        Codec codec = Codec.ofId(batch.codecId());
        if (codec == null) {
            throw new MalformedBatchException("unknown compression %d".formatted(batch.codecId()));
        }
        stream = codec == Codec.NONE ? null : open(codec, bytes, at, end);
        if (stream != null) {
            bytes = ByteBuffer.allocate(256);
        }
    }

    /** How many bytes a batch of that size may decompress to. */
    static long decompressedLimit(int compressedBytes) {
        return FREE_DECOMPRESSED_BYTES + (long) LARGEST_RATIO * compressedBytes;
    }

    static InputStream open(Codec codec, ByteBuffer source, int from, int to) {
        try {
            return codec.decompress(new BufferInput(source.duplicate().limit(to).position(from)));
        } catch (IOException | RuntimeException | SnappyError e) {
            throw new MalformedBatchException("records do not decompress: " + e.getMessage(), e);
        }
    }

    /**
     * Moves to the next record; null after the last.
     *
     * @throws MalformedBatchException if the records do not agree with the header or themselves
     */
    public @Nullable RecordView next() {
        if (walked == recordCount) {
            return null;
        }
        walked++;
        return stream == null ? nextPlain() : nextDecompressed(stream);
    }

    /**
     * Checks that nothing follows the last record.
     *
     * @throws MalformedBatchException if something does
     */
    public void requireEnd() {
        boolean more;
        try {
            more = stream == null ? at != end : stream.read() >= 0;
        } catch (IOException | RuntimeException | SnappyError e) {
            throw new MalformedBatchException("records do not decompress: " + e.getMessage(), e);
        }
        if (more) {
            throw new MalformedBatchException(
                    "bytes follow the last of %d records".formatted(recordCount));
        }
    }

    /** The log offset of the current record. */
    public long offset() {
        return baseOffset + view.offsetDelta();
    }

    /** The timestamp of the current record, milliseconds since the epoch; -1 if it has none. */
    public long timestampMs() {
        return logAppendTimeMs >= 0 ? logAppendTimeMs : baseTimestamp + view.timestampDelta();
    }

    private RecordView nextPlain() {
        int length = plainLength();
        if (length < LEAST_RECORD_BYTES || length > end - at) {
            throw new MalformedBatchException("a record claims %d bytes".formatted(length));
        }
        view.parse(bytes, at, at + length);
        at += length;
        return view;
    }

    private int plainLength() {
        int raw = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            if (at >= end) {
                throw new MalformedBatchException(
                        "%d records are claimed, %d are there".formatted(recordCount, walked - 1));
            }
            byte next = bytes.get(at++);
            raw |= (next & 0x7F) << shift;
            if (next >= 0) {
                return raw >>> 1 ^ -(raw & 1);
            }
        }
        throw new MalformedBatchException("a record's length has more than 32 bits");
    }

    private RecordView nextDecompressed(InputStream source) {
        try {
            int length = streamedLength(source);
            if (length < LEAST_RECORD_BYTES || length > decompressedLimit - decompressed) {
                throw new MalformedBatchException("a record claims %d bytes".formatted(length));
            }
            if (length > largestRecordBytes) {
                throw new MalformedBatchException(
                        "a record has %d bytes, the topic takes %d (max.decompressed.message.bytes)"
                                .formatted(length, largestRecordBytes));
            }
            fill(source, length);
            decompressed += length;
            return view.parse(bytes, 0, length);
        } catch (MalformedBatchException e) {
            throw e;
        } catch (IOException | RuntimeException | SnappyError e) {
            throw new MalformedBatchException("records do not decompress: " + e.getMessage(), e);
        }
    }

    private int streamedLength(InputStream source) throws IOException {
        int raw = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            int next = source.read();
            if (next < 0) {
                throw new MalformedBatchException(
                        "%d records are claimed, %d are there".formatted(recordCount, walked - 1));
            }
            raw |= (next & 0x7F) << shift;
            if (next < 0x80) {
                return raw >>> 1 ^ -(raw & 1);
            }
        }
        throw new MalformedBatchException("a record's length has more than 32 bits");
    }

    private void fill(InputStream source, int length) throws IOException {
        int have = 0;
        while (have < length) {
            if (have == bytes.capacity()) {
                int larger = (int) Math.min(length, 2L * bytes.capacity());
                bytes = ByteBuffer.wrap(Arrays.copyOf(bytes.array(), larger));
            }
            int read = source.read(bytes.array(), have, Math.min(bytes.capacity(), length) - have);
            if (read < 0) {
                throw new MalformedBatchException("a record ends before its length");
            }
            have += read;
        }
    }

    @Override
    public void close() {
        if (stream != null) {
            try {
                stream.close();
            } catch (IOException e) {
                throw new MalformedBatchException("records do not decompress: " + e, e);
            }
        }
    }
}
