package io.millrace.broker.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.FeatureMetadata;
import org.apache.kafka.clients.admin.FeatureUpdate;
import org.apache.kafka.clients.admin.FeatureUpdate.UpgradeType;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.UpdateFeaturesOptions;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.BrokerIdNotRegisteredException;
import org.apache.kafka.common.errors.InvalidUpdateVersionException;
import org.apache.kafka.common.errors.NoReassignmentInProgressException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What Kafka's tools ask controllers for with {@code --bootstrap-controller} (KIP-919). Found by
 * use: the controllers' listener knew the quorum alone, and {@code kafka-cluster.sh unregister}
 * ended with 0 though it had done nothing.
 */
@Timeout(240)
final class ControllerAdminTest {
    private static Nodes nodes;
    private static Admin controllers;
    private static Admin brokers;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        nodes = new Nodes(folder, 3, Map.of());
        controllers = Admin.create(Map.of("bootstrap.controllers", nodes.bootstrapControllers()));
        brokers = Admin.create(Map.of("bootstrap.servers", nodes.bootstrapServers()));
    }

    @AfterAll
    static void stop() {
        controllers.close();
        brokers.close();
        nodes.close();
    }

    private static FeatureMetadata features(Admin admin) throws Exception {
        return admin.describeFeatures().featureMetadata().get();
    }

    private static void update(String feature, int level, UpgradeType type) throws Exception {
        var updates = Map.of(feature, new FeatureUpdate((short) level, type));
        controllers.updateFeatures(updates, new UpdateFeaturesOptions()).all().get();
    }

    @Test
    void theyTellOfAllFeaturesAndChangeThem() throws Exception {
        assertThat(features(controllers).supportedFeatures())
                .isEqualTo(features(brokers).supportedFeatures())
                .containsKeys("kraft.version", "transaction.version");
        assertThat(features(controllers).finalizedFeaturesEpoch()).isPresent();

        update("transaction.version", 1, UpgradeType.SAFE_DOWNGRADE);

        for (Admin admin : List.of(controllers, brokers)) {
            Awaitility.await().untilAsserted(() -> assertThat(transactions(admin)).isEqualTo(1));
        }
        update("transaction.version", 2, UpgradeType.UPGRADE);
    }

    private static int transactions(Admin admin) throws Exception {
        var levels = features(admin).finalizedFeatures();
        return Objects.requireNonNull(levels.get("transaction.version")).maxVersionLevel();
    }

    @Test
    void theyRefuseLevelsThatThereAreNot() {
        assertThatThrownBy(() -> update("transaction.version", 9, UpgradeType.UPGRADE))
                .hasCauseInstanceOf(InvalidUpdateVersionException.class)
                .hasMessageContaining("only supports versions 0-2");
        assertThatThrownBy(() -> update("kraft.version", 2, UpgradeType.UPGRADE))
                .hasCauseInstanceOf(InvalidUpdateVersionException.class)
                .hasMessageContaining("only supports versions 0-1");
    }

    @Test
    void theyUnregisterBrokers() {
        assertThatThrownBy(() -> controllers.unregisterBroker(77).all().get())
                .hasCauseInstanceOf(BrokerIdNotRegisteredException.class);
    }

    @Test
    void theySetAndTellTheSettingsOfBrokers() throws Exception {
        for (String broker : List.of("", "2")) {
            var resource = new ConfigResource(ConfigResource.Type.BROKER, broker);
            var set = new AlterConfigOp(new ConfigEntry("log.retention.ms", "3600000"), OpType.SET);
            Map<ConfigResource, Collection<AlterConfigOp>> changes = Map.of(resource, List.of(set));

            controllers.incrementalAlterConfigs(changes).all().get();

            for (Admin admin : List.of(controllers, brokers)) {
                Awaitility.await()
                        .untilAsserted(
                                () -> assertThat(retention(admin, resource)).isEqualTo("3600000"));
            }
        }
    }

    @Test
    void theySetNoBrokerThatThereIsNot() {
        var resource = new ConfigResource(ConfigResource.Type.BROKER, "9");
        var set = new AlterConfigOp(new ConfigEntry("log.retention.ms", "1"), OpType.SET);

        assertThatThrownBy(() ->
                        controllers
                                .incrementalAlterConfigs(Map.of(resource, List.of(set)))
                                .all()
                                .get())
                .hasCauseInstanceOf(BrokerIdNotRegisteredException.class);
    }

    private static String retention(Admin admin, ConfigResource resource) throws Exception {
        var config = admin.describeConfigs(List.of(resource)).all().get().get(resource);
        return Objects.requireNonNull(config).get("log.retention.ms").value();
    }

    @Test
    void theyListAndCancelMoves() throws Exception {
        brokers.createTopics(List.of(new NewTopic("t", Map.of(0, List.of(1, 2))))).all().get();
        var partition = new TopicPartition("t", 0);

        assertThat(controllers.listPartitionReassignments().reassignments().get()).isEmpty();
        assertThatThrownBy(() ->
                        controllers
                                .alterPartitionReassignments(Map.of(partition, Optional.empty()))
                                .all()
                                .get())
                .hasCauseInstanceOf(NoReassignmentInProgressException.class);
    }
}
