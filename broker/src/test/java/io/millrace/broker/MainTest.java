package io.millrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class MainTest {
    private record Result(int code, String out, String err) {}

    @ParameterizedTest
    @ValueSource(
            strings = {"start --help", "config --help", "start --port 9092 --help", "--help", "-h"})
    void helpNamesTheOptionsAndIsNoFailure(String line) {
        Result result = run(line.split(" "));

        assertThat(result.code()).isZero();
        assertThat(result.out())
                .startsWith("usage:")
                .contains("--data-dir", "--port", "-c key=value");
    }

    /** Found by use: wrong options ended with 1, and those of config were passed over. */
    @ParameterizedTest
    @CsvSource({
        "start --colour, unknown option --colour",
        "start --port, --port needs a value",
        "start -c port, -c takes key=value",
        "config --json, unknown option --json",
        "strat, there is no command 'strat'"
    })
    void wrongUseEndsWithTwoAndSaysWhatIsRight(String line, String reason) {
        Result result = run(line.split(" "));

        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).startsWith("millrace: " + reason).contains("usage:");
    }

    @Test
    void everyKeyIsShownWithWhatItMayBe() {
        Result result = run("config");

        assertThat(result.code()).isZero();
        assertThat(result.out())
                .contains("millrace.durability (string of fsync | os, default fsync)")
                .contains("num.partitions (int, default 1)");
    }

    /**
     * Found by use: a name without an address was "null", and a port out of range a stack trace.
     */
    @Test
    void anAddressThatCannotBeTakenIsOneLine(@TempDir Path folder) throws IOException {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = Integer.toString(taken.getLocalPort());
            requireFailure(start(folder, "127.0.0.1", port), port, "in use", "--port");
            requireFailure(start(folder, "no-such-host.invalid", port), "has no address");
            requireFailure(start(folder, "127.0.0.1", "65536"), "at most 65535");
        }
    }

    private static Result start(Path folder, String host, String port) {
        return run("start", "--data-dir", folder.toString(), "--host", host, "--port", port);
    }

    private static void requireFailure(Result result, String... reasons) {
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).startsWith("millrace: ").contains(reasons).hasLineCount(1);
    }

    private static Result run(String... args) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        PrintStream outBefore = System.out;
        PrintStream errBefore = System.err;
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
        try {
            return new Result(
                    Main.run(args),
                    out.toString(StandardCharsets.UTF_8),
                    err.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(outBefore);
            System.setErr(errBefore);
        }
    }
}
