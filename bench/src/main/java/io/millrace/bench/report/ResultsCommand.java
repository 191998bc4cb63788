package io.millrace.bench.report;

import io.millrace.bench.report.page.Markdown;
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
        description = "Writes the results of runs as Markdown, and their pages anew.")
public final class ResultsCommand implements Callable<Integer> {
    /** The part of the page from this line on is written by hand, and kept. */
    private static final String BY_HAND = "\n## What the profiles say";

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
        Files.writeString(out, Markdown.of(reports) + writtenByHand());
        spec.commandLine().getOut().println("Written: " + out.toAbsolutePath());
        return 0;
    }

    /** What the page said of the profiles: no run can say that. */
    private String writtenByHand() throws IOException {
        if (!Files.exists(out)) {
            return "";
        }
        String before = Files.readString(out);
        int start = before.indexOf(BY_HAND);
        return start < 0 ? "" : before.substring(start);
    }
}
