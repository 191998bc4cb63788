package io.millrace.broker.handler.fetch;

import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.NodeImage;
import java.util.function.IntPredicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where consumers are sent (KIP-392): to a replica in their rack, if {@code replica.selector.class}
 * says so. Thread-safe.
 */
public record Racks(boolean used, Supplier<ClusterImage> image) {
    /** Which nodes take part in a consumer's rack; null if it stays with the leader. */
    @Nullable IntPredicate near(String rack) {
        if (!used || rack.isEmpty()) {
            return null;
        }
        ClusterImage now = image.get();
        return id -> {
            NodeImage node = now.nodes().get(id);
            return node != null && node.isActive() && node.rack().equals(rack);
        };
    }
}
