package io.millrace.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import io.millrace.bench.cluster.ClusterCommand;
import io.millrace.bench.compare.Compare;
import io.millrace.bench.delivery.Delivery;
import io.millrace.bench.io.IoCommand;
import io.millrace.bench.lab.Lab;
import io.millrace.bench.micro.MicroCommand;
import io.millrace.bench.torture.Torture;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

final class ChoiceTest {
    private static final List<Integer> ALL = List.of(10, 20, 30);

    @TempDir Path folder = Path.of("unset");

    @Test
    void thoseThatAreNamedAreChosenInTheirOwnOrder() {
        assertThat(choose(List.of("30", "10"))).containsExactly(10, 30);
    }

    @Test
    void allAreChosenWhereNoneIsNamed() {
        assertThat(choose(List.of())).isEqualTo(ALL);
    }

    @Test
    void aNameThatThereIsNotIsRefusedWithThoseThatThereAre() {
        assertThatThrownBy(() -> choose(List.of("10", "40", "x")))
                .isInstanceOf(CommandLine.ParameterException.class)
                .hasMessage("--only takes 10, 20, 30: there is no 40, x");
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyCommandRefusesWhatThereIsNotBeforeItDoesAnything(
            Callable<Integer> command, String option, String names) throws IOException {
        var said = new StringWriter();
        var line = new CommandLine(command).setErr(new PrintWriter(said));
        String out = line.getCommandSpec().findOption("--dir") == null ? "--out" : "--dir";

        int exit = line.execute(option, names + ",bogus", out, folder + "/none");

        assertThat(exit).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(said.toString().lines().findFirst())
                .get(STRING)
                .startsWith(option + " takes ")
                .contains(names)
                .endsWith(": there is no bogus");
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).isEmpty();
        }
    }

    private static Stream<Arguments> commands() {
        return Stream.of(
                Arguments.of(new Lab(), "--only", "eos"),
                Arguments.of(new Lab(), "--faults", "kill"),
                Arguments.of(new Torture(), "--only", "eos"),
                Arguments.of(new Torture(), "--faults", "kill"),
                Arguments.of(new Compare(), "--only", "os"),
                Arguments.of(new ClusterCommand(), "--only", "failover"),
                Arguments.of(new Delivery(), "--only", "share"),
                Arguments.of(new IoCommand(), "--only", "append"),
                Arguments.of(new MicroCommand(), "--only", "checksum"));
    }

    private static List<Integer> choose(List<String> named) {
        var command = new CommandLine(CommandSpec.create());
        return Choice.of(command.getCommandSpec(), "--only", named, ALL, String::valueOf);
    }
}
