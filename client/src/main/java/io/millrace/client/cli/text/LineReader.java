package io.millrace.client.cli.text;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** Cuts input into lines of bytes; what is no text stays as it came. Not thread-safe; blocks. */
public final class LineReader {
    /** More than any broker takes in one record. */
    static final int MAX_LINE_BYTES = 128 << 20;

    private final InputStream in;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    public LineReader(InputStream buffered) {
        this.in = buffered;
    }

    /** The next line without its end ({@code \n} or {@code \r\n}); null after the last. */
    public byte @Nullable [] next() throws IOException {
        line.reset();
        int read = in.read();
        if (read < 0) {
            return null;
        }
        while (read >= 0 && read != '\n') {
            if (line.size() == MAX_LINE_BYTES) {
                throw new CliException("a line is longer than " + MAX_LINE_BYTES + " bytes");
            }
            line.write(read);
            read = in.read();
        }
        return withoutCarriageReturn(line.toByteArray());
    }

    private static byte[] withoutCarriageReturn(byte[] bytes) {
        int last = bytes.length - 1;
        return last >= 0 && bytes[last] == '\r' ? java.util.Arrays.copyOf(bytes, last) : bytes;
    }
}
