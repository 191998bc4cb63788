package io.millrace.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

final class MillraceCliTest {
    private record Result(int code, String out, String err) {}

    @Test
    void aMistypedCommandIsWrongUseAndTheNearestIsNamed() {
        Result result = run(Map.of(), "topc");

        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).contains("topc").contains("Did you mean").contains("topic");
    }

    @Test
    void unknownOptionsAndWrongValuesAreWrongUse() {
        assertThat(run(Map.of(), "topic", "list", "--colour").code()).isEqualTo(2);
        assertThat(run(Map.of(), "topic", "list", "--output", "xml").code()).isEqualTo(2);
        assertThat(run(Map.of(), "consume", "t", "-n", "many").code()).isEqualTo(2);
        assertThat(run(Map.of(), "produce").code()).isEqualTo(2);
    }

    @Test
    void aWrongStartIsWrongUseInOneLineWithoutAStackTrace() {
        Result result = run(Map.of(), "consume", "t", "--from", "first");

        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).startsWith("millrace: 'first' is no start").hasLineCount(1);
    }

    @Test
    void optionsThatMakeNoSenseAreWrongUseBeforeAnyBrokerIsAsked() {
        for (var args :
                List.of(
                        List.of("consume", "t", "--until", "@soon"),
                        List.of("consume", "t", "-g", "g", "-p", "1"),
                        List.of("consume", "t", "--format", "%q"),
                        List.of("group", "reset", "g", "-t", "t", "--to", "first"),
                        List.of("queue", "peek", "g", "-n", "0"),
                        List.of("queue", "dlq", "g", "-n", "-1"),
                        List.of("queue", "redrive", "g", "-n", "many"),
                        List.of("topic", "alter", "t"),
                        List.of("topic", "list", "--bootstrap-server", "nowhere"),
                        List.of("produce", "t", "-p", "-1"),
                        List.of("queue", "describe"),
                        List.of("queue", "empty"),
                        List.of("queue"))) {
            Result result = run(Map.of(), args.toArray(String[]::new));

            assertThat(result.code()).as(String.join(" ", args)).isEqualTo(2);
            assertThat(result.err()).doesNotContain("\tat ");
        }
    }

    @Test
    void helpIsACommandAndAnOption() {
        assertThat(run(Map.of(), "help", "consume").out()).contains("--from", "--until-end");
        for (String command :
                List.of("topic", "produce", "consume", "group", "queue", "node", "cluster")) {
            assertThat(run(Map.of(), command, "--help").code()).as(command).isZero();
        }
        assertThat(run(Map.of(), "--version").out()).startsWith("millrace ");
    }

    @Test
    void anUnreachableBrokerIsOneLineThatSaysWhatWasTriedAndWhatToDo() throws IOException {
        String server = "127.0.0.1:" + closedPort();
        var environment = Map.of("MILLRACE_BOOTSTRAP_SERVER", server);

        for (var args : List.of(List.of("topic", "list"), List.of("consume", "t"))) {
            Result result = run(environment, args.toArray(String[]::new));

            assertThat(result.code()).isEqualTo(1);
            assertThat(result.err())
                    .startsWith("millrace: no broker to be reached: " + server)
                    .contains("refused", "millrace start", "--bootstrap-server")
                    .hasLineCount(1);
        }
    }

    @Test
    void aResetNamesExactlyOneTarget() {
        assertThat(run(Map.of(), "group", "reset", "g", "-t", "t").code()).isEqualTo(2);
        assertThat(
                        run(
                                        Map.of(),
                                        "group",
                                        "reset",
                                        "g",
                                        "-t",
                                        "t",
                                        "--to",
                                        "end",
                                        "--shift-by",
                                        "1")
                                .code())
                .isEqualTo(2);
    }

    @Test
    void optionsComeFromTheEnvironmentAndTheCommandLineWins() {
        var environment = Map.of("MILLRACE_BOOTSTRAP_SERVER", "a:1", "MILLRACE_MAX_MESSAGES", "5");

        var fromEnvironment = consume(environment, "consume", "t");
        var fromLine = consume(environment, "consume", "t", "--bootstrap-server", "b:2");

        assertThat(fromEnvironment.connection.bootstrapServer).isEqualTo("a:1");
        assertThat(fromEnvironment.maxMessages).isEqualTo(5);
        assertThat(fromLine.connection.bootstrapServer).isEqualTo("b:2");
        assertThat(consume(Map.of(), "consume", "t").connection.bootstrapServer)
                .isEqualTo("127.0.0.1:9092");
    }

    /** Found by reading: the broker's MILLRACE_CONFIG made every 'topic create' wrong use. */
    @Test
    void optionsThatMayBeRepeatedAreNotTakenFromTheEnvironment() {
        var line = MillraceCli.commandLine(Map.of("MILLRACE_CONFIG", "/etc/millrace.properties"));

        var create = line.parseArgs("topic", "create", "t").subcommand().subcommand();

        assertThat(create.hasMatchedOption("--config")).isFalse();
        Object configs = create.commandSpec().findOption("--config").getValue();
        assertThat(configs).isNull();
    }

    @Test
    void failuresAreExplainedWithoutTheirWrappers() {
        assertThat(MillraceCli.explain(new ExecutionException(new TopicExistsException("there"))))
                .isEqualTo("there");
        assertThat(MillraceCli.explain(new TimeoutException("late")))
                .contains("is it running", "late");
        assertThat(MillraceCli.explain(new IllegalStateException()))
                .isEqualTo("IllegalStateException");
    }

    private static ConsumeCommand consume(Map<String, String> environment, String... args) {
        return (ConsumeCommand)
                MillraceCli.commandLine(environment)
                        .parseArgs(args)
                        .subcommand()
                        .commandSpec()
                        .userObject();
    }

    private static Result run(Map<String, String> environment, String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line =
                MillraceCli.commandLine(environment)
                        .setOut(new PrintWriter(out))
                        .setErr(new PrintWriter(err));
        int code = line.execute(args);
        line.getOut().flush();
        line.getErr().flush();
        return new Result(code, out.toString(), err.toString());
    }

    private static int closedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
