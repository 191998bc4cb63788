package io.millrace.broker.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.RawClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A leader whose part of the quorum has failed hears of no other leader, and must not go on. */
@Timeout(240)
final class FailedQuorumTest {
    @Test
    void itLeadsNothingAnyMoreAndSaysSo(@TempDir Path folder) throws Exception {
        try (var nodes = new Nodes(folder, 3, Map.of());
                var admin = Admin.create(Map.of("bootstrap.servers", nodes.bootstrapServers()))) {
            int controller = admin.describeMetadataQuorum().quorumInfo().get().leaderId();
            int failing = controller == 1 ? 2 : 1;
            int other = 6 - controller - failing;
            var topic = new NewTopic("t", Map.of(0, List.of(failing, other)));
            admin.createTopics(List.of(topic)).all().get();
            // The controller answers once the topic is agreed; the leader hears of it a little
            // later.
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> end(nodes, failing) == Errors.NONE);

            // What a vote is written to before it takes the place of the last.
            Path blocked =
                    folder.resolve("node-" + failing)
                            .resolve("__cluster_metadata-0")
                            .resolve("quorum-state.tmp");
            Files.createDirectories(blocked.resolve("blocked"));
            nodes.stop(controller);

            assertThat(nodes.node(failing).failure()).succeedsWithin(Duration.ofSeconds(60));
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> end(nodes, failing) == Errors.NOT_LEADER_OR_FOLLOWER);
        }
    }

    private static Errors end(Nodes nodes, int node) throws Exception {
        var partition = new ListOffsetsPartition().setTimestamp(-1);
        var topic = new ListOffsetsTopic().setName("t").setPartitions(List.of(partition));
        var asked = new ListOffsetsRequestData().setReplicaId(-1).setTopics(List.of(topic));
        try (var client = new RawClient(nodes.node(node).port())) {
            var listed = client.ask(ApiKeys.LIST_OFFSETS, asked, ListOffsetsResponseData.class);
            return Errors.forCode(listed.topics().getFirst().partitions().getFirst().errorCode());
        }
    }
}
