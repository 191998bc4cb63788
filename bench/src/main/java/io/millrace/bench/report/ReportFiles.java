package io.millrace.bench.report;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.millrace.bench.report.page.Page;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Reports as files: JSON, and beside it a page to look at. */
public final class ReportFiles {
    private static final ObjectMapper JSON =
            new ObjectMapper()
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    private ReportFiles() {}

    /** Writes the JSON and, with the same name but {@code .html}, the page. */
    public static Path publish(Report report, Optional<Report> earlier, Path json)
            throws IOException {
        Path folder = json.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        write(report, json);
        Path page = json.resolveSibling(withoutEnding(json) + ".html");
        Files.writeString(page, Page.of(report, earlier));
        return page;
    }

    /** The same; then prints the figures, and says where the files are. */
    public static void present(Report report, Optional<Report> earlier, Path json, PrintWriter out)
            throws IOException {
        Path page = publish(report, earlier, json);
        ReportText.print(report, earlier, out);
        out.println("Report: " + json.toAbsolutePath());
        out.println("Page:   " + page.toAbsolutePath());
        out.flush();
    }

    public static void write(Report report, Path file) throws IOException {
        JSON.writeValue(file.toFile(), report);
    }

    public static Report read(Path file) throws IOException {
        return JSON.readValue(file.toFile(), Report.class);
    }

    private static String withoutEnding(Path file) {
        String name = String.valueOf(file.getFileName());
        return name.endsWith(".json") ? name.substring(0, name.length() - 5) : name;
    }
}
