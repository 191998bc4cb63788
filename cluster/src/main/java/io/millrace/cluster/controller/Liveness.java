package io.millrace.cluster.controller;

import io.millrace.cluster.controller.Command.ChangeNode;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.NodeImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which nodes the active controller hears of. Knows nothing that is not forgotten when another
 * takes over: that one gives every node a whole session. Runs on the metadata thread.
 */
public final class Liveness {
    private final long sessionTimeoutMs;
    private final Map<Integer, Long> heardMs = new HashMap<>();

    /**
     * What a node says of itself.
     *
     * @param nodeEpoch of its registration
     * @param metadataOffset end of the metadata that it has
     * @param wantsFence whether it is not ready to take part
     * @param wantsShutdown whether it is about to stop
     */
    public record Heartbeat(
            int node,
            long nodeEpoch,
            long metadataOffset,
            boolean wantsFence,
            boolean wantsShutdown) {}

    /**
     * What a node is told, and what is to be done about it first.
     *
     * @param known whether the registration is the newest
     * @param caughtUp whether it has its own registration
     * @param fenced whether it may not take part
     * @param mayStop whether it leads nothing any more
     * @param change what is to change; null if nothing
     */
    public record Beat(
            boolean known,
            boolean caughtUp,
            boolean fenced,
            boolean mayStop,
            @Nullable ChangeNode change) {}

    /**
     * @param sessionTimeoutMs after so long a silence a node is fenced
     */
    public Liveness(long sessionTimeoutMs) {
        this.sessionTimeoutMs = sessionTimeoutMs;
    }

    /** Begins as the active controller: whoever takes part has been heard of now. */
    public void begin(ClusterImage image, long nowMs) {
        heardMs.clear();
        image.liveNodes().forEach(node -> heardMs.put(node.id(), nowMs));
    }

    /** A node is heard of. One that may stop is fenced before it is told so: it is gone by then. */
    public Beat heard(ClusterImage image, Heartbeat beat, long nowMs) {
        NodeImage node = image.nodes().get(beat.node());
        if (node == null || node.registration().epoch() != beat.nodeEpoch()) {
            return new Beat(false, false, true, false, null);
        }
        heardMs.put(beat.node(), nowMs);
        boolean caughtUp = beat.metadataOffset() > beat.nodeEpoch();
        boolean wasFenced = node.registration().fenced();
        boolean stops = node.registration().shuttingDown() || beat.wantsShutdown();
        boolean fenced = beat.wantsFence() || wasFenced && (!caughtUp || stops);
        boolean mayStop =
                stops
                        && node.registration().shuttingDown()
                        && beat.metadataOffset() >= image.endOffset()
                        && image.load(beat.node()).leads() == 0;
        fenced |= mayStop;
        boolean changed = fenced != wasFenced || stops != node.registration().shuttingDown();
        ChangeNode change =
                changed ? new ChangeNode(beat.node(), beat.nodeEpoch(), fenced, stops) : null;
        return new Beat(true, caughtUp, fenced, mayStop || stops && wasFenced, change);
    }

    /** The nodes that were silent for too long, to be fenced. */
    public List<ChangeNode> silent(ClusterImage image, long nowMs) {
        var fences = new ArrayList<ChangeNode>();
        for (NodeImage node : image.nodes().values()) {
            Long last = heardMs.get(node.id());
            if (last == null) {
                heardMs.put(node.id(), nowMs);
            } else if (!node.registration().fenced() && nowMs - last >= sessionTimeoutMs) {
                fences.add(
                        new ChangeNode(
                                node.id(),
                                node.registration().epoch(),
                                true,
                                node.registration().shuttingDown()));
            }
        }
        return fences;
    }
}
