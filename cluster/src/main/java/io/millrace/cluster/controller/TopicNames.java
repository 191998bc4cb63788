package io.millrace.cluster.controller;

import org.jspecify.annotations.Nullable;

/** Which names topics may have: Kafka's rules, and so safe as names of folders. Stateless. */
public final class TopicNames {
    /** The longest name, so that a partition's folder fits into a file system's names. */
    public static final int MAX_LENGTH = 249;

    private TopicNames() {}

    /** What is wrong with a name; null if it is legal. */
    public static @Nullable String problem(String name) {
        if (name.isEmpty()) {
            return "a topic's name may not be empty";
        }
        if (name.equals(".") || name.equals("..")) {
            return "a topic may not be named '.' or '..'";
        }
        if (name.length() > MAX_LENGTH) {
            return "a topic's name has at most %d characters, this has %d"
                    .formatted(MAX_LENGTH, name.length());
        }
        if (!name.chars().allMatch(TopicNames::isLegal)) {
            return "a topic's name may have ASCII letters, digits, '.', '_' and '-' only";
        }
        return null;
    }

    private static boolean isLegal(int c) {
        return c >= 'a' && c <= 'z'
                || c >= 'A' && c <= 'Z'
                || c >= '0' && c <= '9'
                || c == '.'
                || c == '_'
                || c == '-';
    }

    /** The name in which those that metrics cannot tell apart are equal. */
    public static String collisionKey(String name) {
        return name.replace('.', '_');
    }
}
