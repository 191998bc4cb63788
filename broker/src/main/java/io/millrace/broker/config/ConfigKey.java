package io.millrace.broker.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One key: what it is called, what it may be, and what it is for.
 *
 * @param defaultValue null if it has none
 * @param allowed the values of a string or of a list's items; empty if any
 * @param least the smallest number allowed
 * @param most the largest number allowed
 * @param doc one sentence
 */
public record ConfigKey(
        String name,
        Type type,
        @Nullable String defaultValue,
        List<String> allowed,
        double least,
        double most,
        String doc) {
    ConfigKey(
            String name,
            Type type,
            @Nullable String defaultValue,
            List<String> allowed,
            double least,
            String doc) {
        this(name, type, defaultValue, allowed, least, Double.POSITIVE_INFINITY, doc);
    }

    /** The same with a bound above. */
    ConfigKey atMost(long bound) {
        return new ConfigKey(name, type, defaultValue, allowed, least, (double) bound, doc);
    }

    /** Types of values, with the numbers of Kafka's DescribeConfigs. */
    public enum Type {
        BOOLEAN(1),
        STRING(2),
        INT(3),
        LONG(5),
        DOUBLE(6),
        LIST(7);

        private final byte id;

        Type(int id) {
            this.id = (byte) id;
        }

        public byte id() {
            return id;
        }
    }

    static ConfigKey flag(String name, boolean defaultValue, String doc) {
        return new ConfigKey(name, Type.BOOLEAN, Boolean.toString(defaultValue), List.of(), 0, doc);
    }

    static ConfigKey number(String name, Type type, long least, long defaultValue, String doc) {
        return new ConfigKey(
                name, type, Long.toString(defaultValue), List.of(), (double) least, doc);
    }

    static ConfigKey text(String name, @Nullable String defaultValue, String doc) {
        return new ConfigKey(name, Type.STRING, defaultValue, List.of(), 0, doc);
    }

    static ConfigKey list(String name, String doc) {
        return new ConfigKey(name, Type.LIST, "", List.of(), 0, doc);
    }

    static ConfigKey choice(String name, String defaultValue, List<String> allowed, String doc) {
        return new ConfigKey(name, Type.STRING, defaultValue, allowed, 0, doc);
    }

    /** What is wrong with a value; null if nothing is. */
    public @Nullable String problem(String value) {
        try {
            return switch (type) {
                case BOOLEAN ->
                        value.equals("true") || value.equals("false")
                                ? null
                                : refusal(value, "true or false");
                case INT -> numberProblem(value, Integer.parseInt(value.strip()));
                case LONG -> numberProblem(value, (double) Long.parseLong(value.strip()));
                case DOUBLE -> numberProblem(value, Double.parseDouble(value.strip()));
                case STRING ->
                        allowed.isEmpty() || allowed.contains(value)
                                ? null
                                : refusal(value, "one of " + allowed);
                case LIST ->
                        allowed.isEmpty() || allowed.containsAll(items(value))
                                ? null
                                : refusal(value, "some of " + allowed);
            };
        } catch (NumberFormatException e) {
            return refusal(value, "a number of type " + type);
        }
    }

    private @Nullable String numberProblem(String value, double number) {
        if (number > most) {
            return refusal(value, "at most " + Math.round(most));
        }
        return number >= least ? null : refusal(value, "at least " + Math.round(least));
    }

    private String refusal(String value, String wanted) {
        return "Invalid value %s for configuration %s: it must be %s"
                .formatted(value, name, wanted);
    }

    /** The items of a list's value. */
    public static List<String> items(String value) {
        return value.isBlank() ? List.of() : List.of(value.strip().split("\\s*,\\s*"));
    }
}
