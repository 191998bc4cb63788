package io.millrace.broker.handler;

import java.util.HashSet;
import java.util.Set;

/**
 * Tells what a request names a second time. Each answer may be large, so a small request that names
 * one thing very often is an attack: only the first is answered in full. Used for one request.
 */
public final class Repeats {
    private final Set<String> seen = new HashSet<>();

    /** Whether this was named before. */
    public boolean isRepeated(String name) {
        return !seen.add(name);
    }
}
