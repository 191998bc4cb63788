package io.millrace.broker.handler.peer;

import io.millrace.broker.handler.LeaderPeers;
import io.millrace.broker.proto.PeerCall;
import io.millrace.broker.queue.model.QueueKey;
import io.millrace.cluster.metadata.TopicImage;
import java.util.function.Consumer;

/**
 * Tells the leader of a partition, where fetches wait, that a share partition of it may have
 * something new. One that does not arrive costs the rest of a fetch's wait. Thread-safe; never
 * blocks.
 */
public final class QueueWakes implements Consumer<QueueKey> {
    private final PeerCalls calls;

    public QueueWakes(LeaderPeers leaders) {
        this.calls = new PeerCalls(leaders);
    }

    @Override
    public void accept(QueueKey key) {
        LeaderPeers leaders = calls.leaders();
        TopicImage topic = leaders.image().get().topic(key.topicId());
        if (topic != null && leaders.isElsewhere(topic.name(), key.partition())) {
            calls.ask(
                    leaders.leaderOf(topic.name(), key.partition()),
                    PeerCall.newBuilder().setWake(Names.of(key)).build(),
                    Answers::error,
                    told -> {});
        }
    }
}
