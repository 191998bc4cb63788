package io.millrace.cluster.quorum;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Which nodes the others neither hear nor reach. */
final class Cuts {
    private final Set<Integer> nodes = ConcurrentHashMap.newKeySet();

    void cut(int node) {
        nodes.add(node);
    }

    void heal(int node) {
        nodes.remove(node);
    }

    boolean between(int one, int other) {
        return nodes.contains(one) || nodes.contains(other);
    }
}
