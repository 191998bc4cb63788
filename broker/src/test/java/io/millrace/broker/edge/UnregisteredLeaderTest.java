package io.millrace.broker.edge;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A leader that is unregistered while it runs. */
@Timeout(240)
final class UnregisteredLeaderTest {
    @Test
    void itFollowsTheNextLeaderUntilItIsInSyncAgain(@TempDir Path folder) throws Exception {
        try (var nodes = new Nodes(folder, 3, Map.of("auto.leader.rebalance.enable", "false"));
                var admin = Admin.create(Map.of("bootstrap.servers", nodes.bootstrapServers()))) {
            var topic = new NewTopic("t", Map.of(0, List.of(1, 2, 3)));
            admin.createTopics(List.of(topic)).all().get();
            // A node that is asked may not have heard of the topic yet.
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .ignoreExceptionsMatching(UnregisteredLeaderTest::isUnheardOf)
                    .until(() -> partition(admin).leader().id() == 1);

            admin.unregisterBroker(1).all().get();

            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> isLedByAnother(partition(admin)));
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> partition(admin).isr().size() == 3);
        }
    }

    private static boolean isLedByAnother(TopicPartitionInfo partition) {
        Node leader = partition.leader();
        return leader != null && leader.id() > 1;
    }

    private static boolean isUnheardOf(Throwable failure) {
        return failure.getCause() instanceof UnknownTopicOrPartitionException;
    }

    private static TopicPartitionInfo partition(Admin admin) throws Exception {
        var described = admin.describeTopics(List.of("t")).allTopicNames().get();
        return Objects.requireNonNull(described.get("t")).partitions().getFirst();
    }
}
