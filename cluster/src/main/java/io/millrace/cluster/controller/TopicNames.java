package io.millrace.cluster.controller;

import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Which names topics may have: Kafka's rules, and so safe as names of folders. Stateless. */
public final class TopicNames {
    /** The longest name, so that a partition's folder fits into a file system's names. */
    public static final int MAX_LENGTH = 249;

    private TopicNames() {}

    /** What is wrong with a name, in Kafka's words; null if it is legal. */
    public static @Nullable String problem(String name) {
        String reason = reason(name);
        return reason == null ? null : "Topic name is invalid: " + reason;
    }

    private static @Nullable String reason(String name) {
        if (name.isEmpty()) {
            return "the empty string is not allowed";
        }
        if (name.equals(".") || name.equals("..")) {
            return "'%s' is not allowed".formatted(name);
        }
        if (name.length() > MAX_LENGTH) {
            return "the length of '%s' is longer than the max allowed length %d"
                    .formatted(name, MAX_LENGTH);
        }
        return name.chars().allMatch(TopicNames::isLegal)
                ? null
                : "'%s' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"
                        .formatted(name);
    }

    private static boolean isLegal(int c) {
        return c >= 'a' && c <= 'z'
                || c >= 'A' && c <= 'Z'
                || c >= '0' && c <= '9'
                || c == '.'
                || c == '_'
                || c == '-';
    }

    /** Whether metrics, which have '_' for '.', could not tell two names apart. */
    static boolean collide(String one, String other) {
        if (one.length() != other.length()) {
            return false;
        }
        for (int i = 0; i < one.length(); i++) {
            if (inMetrics(one.charAt(i)) != inMetrics(other.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    /** Places where '.' and '_' cannot be told apart. */
    private static int[] places(String name) {
        return IntStream.range(0, name.length())
                .filter(i -> inMetrics(name.charAt(i)) == '_')
                .toArray();
    }

    /** How many names {@link #collide} with this one, which is among them. */
    static double lookalikeCount(String name) {
        return Math.pow(2, places(name).length);
    }

    /** All of them. Only for names that have few. */
    static Stream<String> lookalikes(String name) {
        int[] places = places(name);
        return IntStream.range(0, 1 << places.length)
                .mapToObj(choice -> {
                    char[] other = name.toCharArray();
                    for (int i = 0; i < places.length; i++) {
                        other[places[i]] = (choice >> i & 1) == 0 ? '.' : '_';
                    }
                    return new String(other);
                });
    }

    private static char inMetrics(char c) {
        return c == '.' ? '_' : c;
    }
}
