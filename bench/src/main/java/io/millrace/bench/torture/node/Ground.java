package io.millrace.bench.torture.node;

import io.millrace.bench.torture.plan.NodeFault.Way;
import java.io.IOException;
import java.util.List;

/** Where the nodes of a cluster live, as far as the network goes. */
public interface Ground extends AutoCloseable {
    /** The best that this machine allows for so many nodes. */
    static Ground choose(int nodes, int basePort) throws IOException {
        return NamespaceGround.isPossible()
                ? NamespaceGround.create(nodes, basePort)
                : new LoopbackGround();
    }

    /** The address that a node listens on. */
    String host(int node);

    /** What has to stand before the command that starts a node. */
    List<String> before(int node);

    /** Whether links can be cut and made slow. */
    boolean breaks();

    /** In words, for whoever reads the result. */
    String description();

    /**
     * Cuts a node off.
     *
     * @param other the one that it is cut from, where it is one
     */
    void cut(int node, Way way, int other) throws IOException;

    /** Makes everything that a node sends and receives late. */
    void slowDown(int node) throws IOException;

    /** Undoes what was done to a node's links. */
    void heal(int node) throws IOException;

    @Override
    void close();
}
