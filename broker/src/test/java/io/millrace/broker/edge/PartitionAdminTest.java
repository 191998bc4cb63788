package io.millrace.broker.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.broker.Millrace;
import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.BrokerKeys;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ElectionNotNeededException;
import org.apache.kafka.common.errors.InvalidReplicaAssignmentException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.NoReassignmentInProgressException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Elections and reassignments asked of a single node by Kafka's admin client. */
@Timeout(60)
final class PartitionAdminTest {
    private static final TopicPartition PLACE = new TopicPartition("t", 0);
    private static final TopicPartition NOWHERE = new TopicPartition("t", 9);

    @Test
    void oneNodeHasNobodyElseToElectOrMoveTo(@TempDir Path folder) throws Exception {
        var values = Map.of(BrokerKeys.DATA_DIR, folder.toString(), BrokerKeys.PORT, "0");
        try (var broker = Millrace.start(BrokerConfig.of(values));
                var admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic("t", 1, (short) 1))).all().get();

            var elected =
                    admin.electLeaders(ElectionType.PREFERRED, Set.of(PLACE, NOWHERE))
                            .partitions()
                            .get();
            assertThat(elected.get(PLACE)).containsInstanceOf(ElectionNotNeededException.class);
            assertThat(elected.get(NOWHERE))
                    .containsInstanceOf(UnknownTopicOrPartitionException.class);
            assertThat(admin.electLeaders(ElectionType.UNCLEAN, null).partitions().get()).isEmpty();

            reassign(admin, Optional.of(new NewPartitionReassignment(List.of(1))));
            assertThat(admin.listPartitionReassignments().reassignments().get()).isEmpty();
            assertThatThrownBy(() ->
                            reassign(
                                    admin,
                                    Optional.of(new NewPartitionReassignment(List.of(1, 2)))))
                    .hasCauseInstanceOf(InvalidReplicaAssignmentException.class);
            assertThatThrownBy(() -> reassign(admin, Optional.empty()))
                    .hasCauseInstanceOf(NoReassignmentInProgressException.class);

            assertThatThrownBy(() -> admin.unregisterBroker(1).all().get())
                    .hasCauseInstanceOf(InvalidRequestException.class);
        }
    }

    private static void reassign(Admin admin, Optional<NewPartitionReassignment> to)
            throws ExecutionException, InterruptedException {
        admin.alterPartitionReassignments(Map.of(PLACE, to)).all().get();
    }
}
