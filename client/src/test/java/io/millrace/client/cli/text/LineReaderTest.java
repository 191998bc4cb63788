package io.millrace.client.cli.text;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LineReaderTest {
    @Test
    void linesEndWithEitherEndAndTheLastMayHaveNone() throws IOException {
        assertThat(lines("a\n\r\nb\rc\r\nd")).containsExactly("a", "", "b\rc", "d");
        assertThat(lines("a\n")).containsExactly("a");
        assertThat(lines("")).isEmpty();
    }

    @Test
    void bytesThatAreNoTextStayAsTheyAre() throws IOException {
        assertThat(lines("\u00ff\u0000x\n\u00fe")).containsExactly("\u00ff\u0000x", "\u00fe");
    }

    /** A character stands for one byte. */
    private static List<String> lines(String input) throws IOException {
        var reader = new LineReader(new ByteArrayInputStream(input.getBytes(ISO_8859_1)));
        var lines = new ArrayList<String>();
        for (byte[] line = reader.next(); line != null; line = reader.next()) {
            lines.add(new String(line, ISO_8859_1));
        }
        return lines;
    }
}
