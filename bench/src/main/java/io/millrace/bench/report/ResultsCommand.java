package io.millrace.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes the text that is kept of some runs. */
@Command(
        name = "results",
        mixinStandardHelpOptions = true,
        description =
                "Writes the results of runs as Markdown, each into its section, and their pages anew.")
public final class ResultsCommand implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Parameters(arity = "1..*", paramLabel = "FILE", description = "JSON files of runs")
    private List<Path> files = List.of();

    @Option(names = "--out", description = "${DEFAULT-VALUE}")
    private Path out = Path.of("bench/RESULTS.md");

    /** Runs the command; exit code 0 if it is written. */
    public static void main(String... args) {
        System.exit(new CommandLine(new ResultsCommand()).execute(args));
    }

    @Override
    public Integer call() throws IOException {
        var reports = new ArrayList<Report>();
        for (Path file : files) {
            Report report = ReportFiles.read(file);
            ReportFiles.publish(report, Optional.empty(), file);
            reports.add(report);
        }
        String before = Files.exists(out) ? Files.readString(out) : "";
        Files.writeString(out, ResultsText.merged(before, reports));
        spec.commandLine().getOut().println("Written: " + out.toAbsolutePath());
        return 0;
    }
}
