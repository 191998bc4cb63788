package io.millrace.broker.handler;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Tells what a request names a second time. Each answer may be large, so a small request that names
 * one thing very often is an attack: only the first is answered in full. Used for one request.
 */
public final class Repeats {
    private final Set<String> seen = new HashSet<>();

    /** The names that a request has more than once. */
    public static <T> Set<String> among(Collection<T> all, Function<T, String> name) {
        var repeats = new Repeats();
        return all.stream().map(name).filter(repeats::isRepeated).collect(Collectors.toSet());
    }

    /** Whether this was named before. */
    public boolean isRepeated(String name) {
        return !seen.add(name);
    }
}
