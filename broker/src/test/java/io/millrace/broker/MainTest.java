package io.millrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MainTest {
    @ParameterizedTest
    @ValueSource(strings = {"start", "config"})
    void helpNamesTheOptionsAndIsNoFailure(String command) throws InterruptedException {
        var written = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(written, true, StandardCharsets.UTF_8));
        try {
            Main.main(new String[] {command, "--help"});
        } finally {
            System.setOut(before);
        }

        assertThat(written.toString(StandardCharsets.UTF_8))
                .startsWith("usage:")
                .contains("--data-dir", "--port", "-c key=value");
    }
}
