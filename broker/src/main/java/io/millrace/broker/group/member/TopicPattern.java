package io.millrace.broker.group.member;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * A regular expression that subscribes to topics, or chooses transactional ids. Matches in linear
 * time, and is bounded before it is compiled: nested repetitions multiply, and a short text can ask
 * for any amount of memory.
 */
public final class TopicPattern {
    private static final int MAX_LENGTH = 4096;
    private static final int MAX_GROUPS = 200;
    private static final long MAX_EXPANSION = 400_000;
    private static final int MAX_PROGRAM = 1000;

    private final Pattern pattern;

    private TopicPattern(Pattern pattern) {
        this.pattern = pattern;
    }

    /** The pattern; null if it is malformed or too large. */
    public static @Nullable TopicPattern of(String regex) {
        boolean small =
                regex.length() <= MAX_LENGTH
                        && regex.chars().filter(c -> c == '(').count() <= MAX_GROUPS
                        && expansion(regex) <= MAX_EXPANSION;
        if (!small) {
            return null;
        }
        try {
            Pattern compiled = Pattern.compile(regex);
            return compiled.programSize() <= MAX_PROGRAM ? new TopicPattern(compiled) : null;
        } catch (PatternSyntaxException e) {
            return null;
        }
    }

    /** No less than what the expression unrolls to: all its counts, as if each held the others. */
    private static long expansion(String regex) {
        long size = Math.max(1, regex.length());
        for (int at = regex.indexOf('{'); at >= 0; at = regex.indexOf('{', at + 1)) {
            size *= Math.max(1, largestCount(regex, at + 1));
            if (size > MAX_EXPANSION) {
                return size;
            }
        }
        return size;
    }

    /** The larger of the numbers in {@code {n,m}}; counts past 1000 are malformed anyway. */
    private static int largestCount(String regex, int from) {
        int largest = 0;
        int number = 0;
        for (int i = from; i < regex.length(); i++) {
            char c = regex.charAt(i);
            if (c >= '0' && c <= '9') {
                number = Math.min(number * 10 + c - '0', 10_000);
                largest = Math.max(largest, number);
            } else if (c == ',') {
                number = 0;
            } else {
                break;
            }
        }
        return largest;
    }

    /** Whether the whole name matches. */
    public boolean matches(String name) {
        return pattern.matches(name);
    }
}
