package io.millrace.storage;

import io.millrace.storage.batch.RecordBatchView;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/** Changes single bits of stored batches, as a disk may. */
final class FlippedBits {
    static final int LOWEST_OFFSET_BYTE = 7;
    static final int LENGTH_AT = 8;
    static final int EPOCH_AT = 12;
    static final int MAGIC_AT = 16;

    private FlippedBits() {}

    /** The position of the batch that begins with an offset. */
    static int positionOf(Path segment, long offset) throws IOException {
        var bytes = ByteBuffer.wrap(Files.readAllBytes(segment));
        var view = new RecordBatchView();
        int at = 0;
        while (view.wrap(bytes, at).baseOffset() != offset) {
            at += view.sizeBytes();
        }
        return at;
    }

    /** Flips a bit of the batch that begins with an offset; {@code at} counts from its start. */
    static void flip(Path segment, long offset, int at, int bit) throws IOException {
        int position = positionOf(segment, offset) + at;
        try (var file = new RandomAccessFile(segment.toFile(), "rw")) {
            file.seek(position);
            int was = file.read();
            file.seek(position);
            file.write(was ^ 1 << bit);
        }
    }
}
