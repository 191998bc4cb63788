package io.millrace.cluster.metadata;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.Collection;
import java.util.RandomAccess;
import java.util.function.IntPredicate;

/**
 * Ids of nodes in an order, such as the replicas of a partition. Immutable, and small: a cluster
 * has millions of these.
 */
public final class NodeIds extends AbstractList<Integer> implements RandomAccess {
    private static final NodeIds NONE = new NodeIds(new int[0]);

    private final int[] ids;

    private NodeIds(int[] ids) {
        this.ids = ids;
    }

    /** No node. */
    public static NodeIds none() {
        return NONE;
    }

    /** These nodes. */
    public static NodeIds of(int... ids) {
        return ids.length == 0 ? NONE : new NodeIds(ids.clone());
    }

    /** The same nodes in the same order. */
    public static NodeIds of(Collection<Integer> nodes) {
        if (nodes instanceof NodeIds same) {
            return same;
        }
        return nodes.isEmpty()
                ? NONE
                : new NodeIds(nodes.stream().mapToInt(Integer::intValue).toArray());
    }

    /** Whether a node is one of them. */
    public boolean has(int node) {
        for (int id : ids) {
            if (id == node) {
                return true;
            }
        }
        return false;
    }

    /** With another behind; the same if it is one of them. */
    public NodeIds plus(int node) {
        if (has(node)) {
            return this;
        }
        int[] more = Arrays.copyOf(ids, ids.length + 1);
        more[ids.length] = node;
        return new NodeIds(more);
    }

    /** With those behind that are not among them. */
    public NodeIds plus(NodeIds others) {
        NodeIds all = this;
        for (int id : others.ids) {
            all = all.plus(id);
        }
        return all;
    }

    /** Without a node. */
    public NodeIds minus(int node) {
        return has(node) ? only(id -> id != node) : this;
    }

    /** Without these nodes. */
    public NodeIds minus(NodeIds others) {
        return others.isEmpty() ? this : only(id -> !others.has(id));
    }

    /** Those that fit, in the same order. */
    public NodeIds only(IntPredicate fits) {
        int kept = 0;
        while (kept < ids.length && fits.test(ids[kept])) {
            kept++;
        }
        if (kept == ids.length) {
            return this;
        }
        int[] fitting = ids.clone();
        for (int i = kept + 1; i < ids.length; i++) {
            if (fits.test(ids[i])) {
                fitting[kept++] = ids[i];
            }
        }
        return kept == 0 ? NONE : new NodeIds(Arrays.copyOf(fitting, kept));
    }

    /** The node at a place, as {@link #get} without an object. */
    public int at(int index) {
        return ids[index];
    }

    @Override
    public Integer get(int index) {
        return ids[index];
    }

    @Override
    public int size() {
        return ids.length;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof NodeIds same ? Arrays.equals(ids, same.ids) : super.equals(other);
    }

    /** As any list of the same nodes. */
    @Override
    public int hashCode() {
        return Arrays.hashCode(ids);
    }
}
