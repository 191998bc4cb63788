package io.millrace.broker.group.shard;

import io.millrace.broker.group.GroupReply;
import io.millrace.broker.group.GroupReply.JoinedMember;
import io.millrace.broker.group.GroupReply.Synced;
import io.millrace.broker.group.GroupRequest.Claim;
import io.millrace.broker.group.GroupRequest.Client;
import io.millrace.broker.group.GroupRequest.Join;
import io.millrace.broker.group.GroupRequest.Protocol;
import io.millrace.broker.group.GroupRequest.Sync;
import io.millrace.broker.group.GroupRequest.Timeouts;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Assignment;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.TopicPartition;

/**
 * A client of the classic protocol that gives everything up before it joins again, and assigns with
 * Kafka's own encoding when it leads.
 */
final class TestClassic {
    enum Step {
        JOIN,
        JOINING,
        SYNC,
        SYNCING,
        STABLE
    }

    String id = "";
    int generation = -1;
    int request;
    Step step = Step.JOIN;
    Set<TopicPartition> owned = Set.of();

    void rejoin() {
        step = Step.JOIN;
        owned = Set.of();
    }

    void forget() {
        id = "";
        generation = -1;
        rejoin();
    }

    Claim claim() {
        return new Claim(generation, id, null);
    }

    Join join(String fresh) {
        ByteBuffer subscription =
                ConsumerProtocol.serializeSubscription(new Subscription(List.of("t")));
        return new Join(
                "g",
                id,
                null,
                fresh,
                new Client("client", "/host"),
                new Timeouts(Shards.SESSION_MS, Shards.REBALANCE_MS),
                "consumer",
                List.of(new Protocol("range", subscription)),
                true,
                true);
    }

    /** What it asks for after it has joined: as leader, with everybody's part. */
    Sync sync(List<JoinedMember> members, int partitions) {
        Map<String, ByteBuffer> assignments = new HashMap<>();
        for (int i = 0; i < members.size(); i++) {
            var mine = new TreeSet<Integer>();
            for (int p = i; p < partitions; p += members.size()) {
                mine.add(p);
            }
            assignments.put(
                    members.get(i).id(),
                    ConsumerProtocol.serializeAssignment(
                            new Assignment(
                                    mine.stream().map(p -> new TopicPartition("t", p)).toList())));
        }
        return new Sync("g", claim(), "consumer", "range", assignments);
    }

    void synced(GroupReply reply) {
        ByteBuffer bytes = ((Synced) reply).assignment().duplicate();
        step = Step.STABLE;
        owned =
                bytes.hasRemaining()
                        ? Set.copyOf(ConsumerProtocol.deserializeAssignment(bytes).partitions())
                        : Set.of();
    }

    @Override
    public String toString() {
        return "%s generation %d %s owns %s".formatted(id, generation, step, owned);
    }
}
