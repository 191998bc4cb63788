package io.millrace.bench.torture.verdict;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

/** What a node's log complains of: errors, and whatever comes with a stack trace. */
public final class Complaints {
    private static final Pattern ERROR = Pattern.compile("\\[(ERROR|FATAL)]|\\bFATAL\\b");
    private static final Pattern FRAME = Pattern.compile("\\s+at [\\w.$/]+\\(.*|Caused by: .*");
    private static final Pattern THROWN =
            Pattern.compile("^(Exception in thread .*|[\\w.$]+(Exception|Error)\\b.*)");
    private static final Pattern VARYING =
            Pattern.compile("\\d[\\d:.,-]*|[0-9a-f]{8}-[0-9a-f-]{27}|@[0-9a-f]+");

    private Complaints() {}

    /**
     * A complaint.
     *
     * @param first the first time
     * @param times that it came, with other numbers in it perhaps
     */
    public record Complaint(String first, int times) {}

    /** The complaints of a log, in the order in which they first came. */
    public static List<Complaint> of(Iterable<String> lines) {
        var counts = new LinkedHashMap<String, Integer>();
        var firsts = new LinkedHashMap<String, String>();
        String said = "";
        boolean counted = false;
        for (String line : lines) {
            boolean frame = FRAME.matcher(line).matches();
            boolean thrown = THROWN.matcher(line).find();
            if (!frame && !thrown) {
                said = line;
                counted = false;
            } else if (said.isEmpty()) {
                said = line;
            }
            if (!counted && (frame || thrown || ERROR.matcher(line).find())) {
                String kind = VARYING.matcher(said).replaceAll("#");
                counts.merge(kind, 1, Integer::sum);
                firsts.putIfAbsent(kind, thrown ? said + " | " + line : said);
                counted = true;
            }
        }
        var complaints = new ArrayList<Complaint>();
        for (Map.Entry<String, Integer> count : counts.entrySet()) {
            complaints.add(
                    new Complaint(
                            Objects.requireNonNull(firsts.get(count.getKey())), count.getValue()));
        }
        return complaints;
    }
}
