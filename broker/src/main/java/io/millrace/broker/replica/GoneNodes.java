package io.millrace.broker.replica;

import io.millrace.cluster.controller.Command.ChangeNode;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.NodeImage;
import io.millrace.cluster.quorum.RefusedConnect;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the controller of nodes whose machine refuses connections: nobody listens there, so the
 * process is gone, and need not be waited for until its session ends. Whoever is told of wrongly is
 * fenced until its next heartbeat, and loses nothing. Thread-safe.
 */
public final class GoneNodes {
    private static final Logger LOG = LoggerFactory.getLogger(GoneNodes.class);
    private static final long TELL_AGAIN_MS = 1_000;

    private final Supplier<ClusterImage> image;
    private final Consumer<ChangeNode> controller;
    private final LongSupplier clockMs;
    private final Map<Integer, Long> toldMs = new ConcurrentHashMap<>();

    /**
     * @param controller has a node fenced
     * @param clockMs milliseconds that only rise
     */
    public GoneNodes(
            Supplier<ClusterImage> image, Consumer<ChangeNode> controller, LongSupplier clockMs) {
        this.image = image;
        this.controller = controller;
        this.clockMs = clockMs;
    }

    /** A node could not be reached. */
    public void unreachable(int id, Throwable why) {
        NodeImage node = image.get().nodes().get(id);
        if (node == null || node.registration().fenced() || !RefusedConnect.isBehind(why)) {
            return;
        }
        long nowMs = clockMs.getAsLong();
        Long lastMs = toldMs.get(id);
        if (lastMs == null || nowMs - lastMs >= TELL_AGAIN_MS) {
            toldMs.put(id, nowMs);
            LOG.warn("Node {} is gone: it refuses connections", id);
            controller.accept(
                    new ChangeNode(
                            id,
                            node.registration().epoch(),
                            true,
                            node.registration().shuttingDown()));
        }
    }
}
