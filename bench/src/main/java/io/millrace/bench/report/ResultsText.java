package io.millrace.bench.report;

import io.millrace.bench.report.page.Markdown;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The text that is kept of runs: what is not told anew stays. Pure. */
final class ResultsText {
    private static final String SECTION = "\n## ";

    /** This section is written by hand, and stands last. */
    private static final String BY_HAND = "What the profiles say";

    private ResultsText() {}

    /** The text before, with the sections of some reports in place of theirs, or added. */
    static String merged(String before, List<Report> reports) {
        Map<String, String> sections = sections(before);
        String byHand = sections.remove(BY_HAND);
        sections.putAll(sections(Markdown.of(reports)));
        if (byHand != null) {
            sections.put(BY_HAND, byHand);
        }
        var text = new StringBuilder(Markdown.of(List.of()));
        sections.forEach((title, body) -> text.append(SECTION).append(title).append(body));
        return text.toString();
    }

    /** What follows each heading of the second level, by the heading. */
    private static Map<String, String> sections(String text) {
        var sections = new LinkedHashMap<String, String>();
        int at = text.indexOf(SECTION);
        while (at >= 0) {
            int next = text.indexOf(SECTION, at + 1);
            String section = text.substring(at + SECTION.length(), next < 0 ? text.length() : next);
            int end = section.indexOf('\n');
            String title = end < 0 ? section : section.substring(0, end);
            sections.put(title, section.substring(title.length()));
            at = next;
        }
        return sections;
    }
}
