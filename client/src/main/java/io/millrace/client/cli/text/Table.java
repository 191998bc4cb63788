package io.millrace.client.cli.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;

/** Rows under headings: aligned columns for people, or a JSON array for programs. */
public final class Table {
    /** Forms of output. */
    public enum Output {
        table,
        json
    }

    private final List<String> headings;
    private final List<List<Object>> rows = new ArrayList<>();

    public Table(String... headings) {
        this.headings = List.of(headings);
    }

    public Table row(Object... cells) {
        rows.add(List.of(cells));
        return this;
    }

    public void print(PrintWriter out, Output output) {
        if (output == Output.json) {
            out.println(json());
        } else {
            lines().forEach(out::println);
        }
        out.flush();
    }

    private List<String> lines() {
        int[] widths = headings.stream().mapToInt(String::length).toArray();
        for (List<Object> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).toString().length());
            }
        }
        var lines = new ArrayList<String>();
        lines.add(line(List.copyOf(headings), widths));
        rows.forEach(row -> lines.add(line(row, widths)));
        return lines;
    }

    private static String line(List<?> cells, int[] widths) {
        var line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            String cell = cells.get(i).toString();
            boolean number = cells.get(i) instanceof Number;
            String pad = " ".repeat(widths[i] - cell.length());
            line.append(number ? pad + cell : cell + pad).append("  ");
        }
        return line.toString().stripTrailing();
    }

    private String json() {
        var objects = new ArrayList<LinkedHashMap<String, Object>>();
        for (List<Object> row : rows) {
            var object = new LinkedHashMap<String, Object>();
            for (int i = 0; i < headings.size(); i++) {
                object.put(headings.get(i).toLowerCase(Locale.ROOT).replace(' ', '_'), row.get(i));
            }
            objects.add(object);
        }
        try {
            return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(objects);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a table that is no JSON", e);
        }
    }
}
