package io.millrace.broker.config;

import java.util.Arrays;

/** What an unknown name may have been meant to be. Stateless. */
final class Nearest {
    /** What differs in more of its letters than one in so many was not meant. */
    private static final int ALIKE = 3;

    private Nearest() {}

    /**
     * A sentence about an unknown name that suggests the nearest one of a table, if one is near.
     */
    static String unknown(String name, KeyTable table) {
        String nearest = "";
        int least = Integer.MAX_VALUE;
        for (ConfigKey key : table.all()) {
            int distance = distance(name, key.name());
            if (distance < least) {
                least = distance;
                nearest = key.name();
            }
        }
        String suggestion =
                least > name.length() / ALIKE ? "" : " did you mean %s?".formatted(nearest);
        return "Unknown configuration %s;%s `millrace config` lists all"
                .formatted(name, suggestion);
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
