package io.millrace.cluster.quorum.raft.channel;

import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.raft.NetworkChannel;
import org.apache.kafka.raft.RaftRequest;
import org.apache.kafka.raft.RaftResponse;

/** Passes everything on to another channel; whoever extends it looks at what is sent. */
abstract class PassingChannel implements NetworkChannel {
    private final NetworkChannel channel;

    PassingChannel(NetworkChannel channel) {
        this.channel = channel;
    }

    @Override
    public CompletionStage<RaftResponse.Inbound> send(RaftRequest.Outbound request) {
        return channel.send(request);
    }

    @Override
    public final int newCorrelationId() {
        return channel.newCorrelationId();
    }

    @Override
    public final ListenerName listenerName() {
        return channel.listenerName();
    }

    @Override
    public final void close() {
        Utils.closeQuietly(channel, "connections");
    }
}
