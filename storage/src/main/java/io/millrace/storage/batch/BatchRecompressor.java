package io.millrace.storage.batch;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/** Turns a valid batch into the same batch under another codec. Stateless. */
public final class BatchRecompressor {
    private BatchRecompressor() {}

    /**
     * The batch with its records compressed by {@code codec}; everything else stays.
     *
     * @param batch validated
     * @throws MalformedBatchException if its records do not decompress
     */
    public static ByteBuffer recompress(RecordBatchView batch, Codec codec, int level) {
        var payload = new ByteArrayOutputStream(batch.sizeBytes());
        int from = batch.position() + RecordBatchView.HEADER_BYTES;
        int to = batch.position() + batch.sizeBytes();
        Codec present = Codec.ofId(batch.codecId());
        if (present == null) {
            throw new MalformedBatchException("unknown compression %d".formatted(batch.codecId()));
        }
        try (InputStream in = RecordCursor.open(present, batch.bytes(), from, to);
                OutputStream out = codec.compress(payload, level)) {
            in.transferTo(out);
        } catch (IOException e) {
            throw new MalformedBatchException("records do not decompress: " + e.getMessage(), e);
        }
        var result = ByteBuffer.allocate(RecordBatchView.HEADER_BYTES + payload.size());
        result.put(batch.bytes().slice(batch.position(), RecordBatchView.HEADER_BYTES));
        result.put(payload.toByteArray()).flip();
        int attributes = batch.attributes() & ~RecordBatchView.CODEC_MASK | codec.id();
        result.putInt(
                RecordBatchView.LENGTH_AT, result.limit() - RecordBatchView.LENGTH_OVERHEAD_BYTES);
        result.putShort(RecordBatchView.ATTRIBUTES_AT, (short) attributes);
        RecordBatchEditor.writeCrc(result, 0);
        return result;
    }
}
