package io.millrace.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.Millrace;
import io.millrace.broker.config.BrokerConfig;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What commands say of topics, partitions, groups and queues that a broker does not have. */
@Timeout(120)
@TestInstance(Lifecycle.PER_CLASS)
final class MissingThingsTest {
    private @Nullable Millrace started;

    private record Result(int code, String out, String err) {}

    @BeforeAll
    void start(@TempDir Path folder) {
        started =
                Millrace.start(
                        BrokerConfig.of(
                                Map.of(
                                        "log.dirs", folder.toString(),
                                        "millrace.port", "0",
                                        "millrace.durability", "os",
                                        "offsets.topic.num.partitions", "1",
                                        "share.coordinator.state.topic.num.partitions", "1")));
    }

    @AfterAll
    void stop() {
        broker().close();
    }

    private Millrace broker() {
        return Objects.requireNonNull(started);
    }

    private Result run(String... args) {
        var out = new StringWriter();
        var err = new StringWriter();
        CommandLine line =
                MillraceCli.commandLine(
                                Map.of("MILLRACE_BOOTSTRAP_SERVER", broker().bootstrapServers()))
                        .setOut(new PrintWriter(out))
                        .setErr(new PrintWriter(err));
        int code = line.execute(args);
        line.getOut().flush();
        line.getErr().flush();
        return new Result(code, out.toString(), err.toString());
    }

    /** Found by use: it said "This server does not host this topic-partition", and named none. */
    @Test
    void aTopicThatThereIsNotIsNamed() {
        for (String[] args :
                new String[][] {
                    {"topic", "describe", "lost"},
                    {"topic", "delete", "lost"},
                    {"group", "reset", "g", "-t", "lost", "--to", "end"}
                }) {
            Result result = run(args);

            assertThat(result.code()).isEqualTo(1);
            assertThat(result.err())
                    .isEqualToIgnoringNewLines(
                            "millrace: there is no topic lost: 'millrace topic list' names all");
        }
    }

    @Test
    void theTopicsThatThereAreAreDeletedThough() {
        assertThat(run("topic", "create", "there").code()).isZero();

        Result result = run("topic", "delete", "lost", "there");

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.out()).isEqualToIgnoringNewLines("Deleted there");
        assertThat(result.err()).contains("there is no topic lost:");
        assertThat(run("topic", "list").out()).doesNotContain("there");
    }

    /** Found by use: the producer waited, and then the broker was said to be unreachable. */
    @Test
    void aPartitionThatThereIsNotIsNamedAtOnce() {
        assertThat(run("topic", "create", "two", "-p", "2").code()).isZero();

        Result result = run("produce", "two", "-p", "2");

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).contains("topic two has no partition 2, but 0 to 1");
    }

    @Test
    void aGroupThatThereIsNotIsNamed() {
        Result result = run("group", "delete", "lost");

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).contains("there is no group lost: 'millrace group list'");
    }

    /** Found by use: a mistyped name seemed to be paused. */
    @Test
    void aQueueMayBePausedBeforeItBeginsAndThatIsSaid() {
        Result result = run("queue", "pause", "mistyped");

        assertThat(result.code()).isZero();
        assertThat(result.out()).contains("There is no queue mistyped yet");
    }
}
