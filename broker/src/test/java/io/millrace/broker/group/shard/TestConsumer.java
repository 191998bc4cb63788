package io.millrace.broker.group.shard;

import io.millrace.broker.group.ConsumerHeartbeat;
import io.millrace.broker.group.ConsumerHeartbeat.OwnedTopic;
import io.millrace.broker.group.GroupReply.Beat;
import io.millrace.broker.group.GroupRequest.Client;
import io.millrace.broker.group.assign.Partitions;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A client of the consumer protocol, as its own state tells it. */
final class TestConsumer {
    final @Nullable String instanceId;
    String id;
    int epoch;
    Partitions owned = Partitions.NONE;
    List<String> topics;
    String regex;
    private boolean tellAll = true;

    TestConsumer(String id, @Nullable String instanceId, List<String> topics, String regex) {
        this.id = id;
        this.instanceId = instanceId;
        this.topics = topics;
        this.regex = regex;
    }

    boolean isJoined() {
        return epoch > 0;
    }

    /** Begins again, owning nothing. */
    void rejoin() {
        epoch = 0;
        owned = Partitions.NONE;
        tellAll = true;
    }

    /** The last answer did not come: the next heartbeat says everything. */
    void missed() {
        tellAll = true;
    }

    void subscribe(List<String> otherTopics, String otherRegex) {
        topics = otherTopics;
        regex = otherRegex;
        tellAll = true;
    }

    ConsumerHeartbeat beat() {
        boolean all = tellAll || epoch == 0;
        tellAll = false;
        return beat(epoch, all);
    }

    ConsumerHeartbeat beat(int withEpoch, boolean all) {
        return new ConsumerHeartbeat(
                "g",
                id,
                "fresh",
                true,
                withEpoch,
                instanceId,
                null,
                all ? TestCluster.REBALANCE_MS : -1,
                all ? topics : null,
                all ? regex : null,
                null,
                all ? ownedTopics() : null,
                new Client("client", "/host"));
    }

    /** Says that it has given up everything, whatever it uses. */
    ConsumerHeartbeat beatOfOneWhoOwnsNothing() {
        Partitions uses = owned;
        owned = Partitions.NONE;
        ConsumerHeartbeat beat = beat(epoch, true);
        owned = uses;
        return beat;
    }

    private List<OwnedTopic> ownedTopics() {
        var said = new ArrayList<OwnedTopic>();
        for (UUID topic : owned.topics()) {
            said.add(new OwnedTopic(topic, owned.of(topic).boxed().toList()));
        }
        return said;
    }

    /** Hears an answer: gives up at once what it is no longer to have, and says so next. */
    void hear(Beat beat) {
        epoch = beat.epoch();
        Partitions assignment = beat.assignment();
        if (assignment != null && !assignment.equals(owned)) {
            owned = assignment;
            tellAll = true;
        }
    }

    @Override
    public String toString() {
        return "%s(%s) epoch %d owns %s".formatted(id, instanceId, epoch, owned);
    }
}
