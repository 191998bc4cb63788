package io.millrace.broker.config;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/** What an unknown name may have been meant to be. Stateless. */
final class Nearest {
    /** What differs in more of its letters than one in so many was not meant. */
    private static final int ALIKE = 3;

    private Nearest() {}

    /**
     * A sentence about an unknown name that suggests the nearest one of a table, if one is near.
     */
    static String unknown(String name, KeyTable table) {
        String suggestion =
                of(name, table.all().stream().map(ConfigKey::name))
                        .map(" did you mean %s?"::formatted)
                        .orElse("");
        return "Unknown configuration %s;%s `millrace config` lists all"
                .formatted(name, suggestion);
    }

    /** The nearest of some names; empty if none is near. */
    static Optional<String> of(String name, Stream<String> names) {
        return names.min(Comparator.comparingInt(each -> distance(name, each)))
                .filter(nearest -> distance(name, nearest) <= name.length() / ALIKE);
    }

    /** Letters to insert, delete or change to make one of the other (Levenshtein). */
    static int distance(String a, String b) {
        int[] previous = new int[b.length() + 1];
        Arrays.setAll(previous, i -> i);
        for (int i = 1; i <= a.length(); i++) {
            int[] current = new int[b.length() + 1];
            current[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                current[j] =
                        Math.min(
                                Math.min(current[j - 1], previous[j]) + 1,
                                previous[j - 1] + change);
            }
            previous = current;
        }
        return previous[b.length()];
    }
}
