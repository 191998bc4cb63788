package io.millrace.cluster;

import io.millrace.cluster.controller.Command;
import io.millrace.cluster.controller.Liveness.Beat;
import io.millrace.cluster.controller.Liveness.Heartbeat;
import io.millrace.cluster.metadata.ClusterImage;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The active controller, wherever it runs, and what is known here of its decisions. From any
 * thread; nothing blocks.
 */
public interface ControllerClient {
    /** The newest committed image that this node has. */
    ClusterImage image();

    /** Has commands decided in order and committed all together. */
    CompletableFuture<MetadataService.Outcome> submit(List<? extends Command> commands);

    /** Says that a node is there. */
    CompletableFuture<Beat> heartbeat(Heartbeat beat);
}
