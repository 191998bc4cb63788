package io.millrace.broker.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.cluster.controller.Command.ChangeNode;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.ImageBuilder;
import io.millrace.cluster.metadata.NodeImage;
import io.millrace.cluster.metadata.NodeImage.Registration;
import io.millrace.cluster.metadata.Records;
import java.io.IOException;
import java.net.ConnectException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

final class GoneNodesTest {
    private final List<ChangeNode> told = new ArrayList<>();
    private ClusterImage image = registered(false);
    private long nowMs;

    private static ClusterImage registered(boolean fenced) {
        var node =
                new NodeImage(2, "h", 1, "")
                        .with(new Registration(7, new UUID(0, 1), new UUID(0, 2), fenced, false));
        return new ImageBuilder(ClusterImage.empty("c"))
                .apply(Records.nodeRegistered(node))
                .build(8);
    }

    private static Throwable refused() {
        return new CompletionException(
                new IOException("no peer", new ConnectException("Connection refused: x")));
    }

    @Test
    void onlyANodeThatRefusesConnectionsIsToldOfAndNotAllTheTime() {
        var gone = new GoneNodes(() -> image, told::add, () -> nowMs);

        gone.unreachable(2, new IOException("closed"));
        gone.unreachable(2, new ConnectException("timed out"));
        gone.unreachable(3, refused());
        assertThat(told).isEmpty();

        gone.unreachable(2, refused());
        gone.unreachable(2, refused());
        assertThat(told).containsExactly(new ChangeNode(2, 7, true, false));

        nowMs = 1_000;
        gone.unreachable(2, refused());
        assertThat(told).hasSize(2);

        nowMs = 5_000;
        image = registered(true);
        gone.unreachable(2, refused());
        assertThat(told).hasSize(2);
    }
}
