package io.millrace.broker.config;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class ClusterSettingsTest {
    private static final Map<String, String> NODE_2 =
            Map.of(
                    "process.roles", "broker,controller",
                    "node.id", "2",
                    "millrace.cluster.id", "orders",
                    "controller.quorum.voters", "1@a:9093,2@b:9094",
                    "listeners", "PLAINTEXT://:9092,CONTROLLER://:9094");

    private static BrokerConfig node2(String... changes) {
        var values = new HashMap<>(NODE_2);
        for (int i = 0; i < changes.length; i += 2) {
            values.put(changes[i], changes[i + 1]);
        }
        return BrokerConfig.of(values);
    }

    private static ClusterSettings settings(String... changes) {
        return ClusterSettings.of(node2(changes));
    }

    @Test
    void withoutRolesANodeIsOnItsOwn() {
        ClusterSettings alone = ClusterSettings.of(BrokerConfig.of(Map.of()));

        assertThat(alone.isClustered()).isFalse();
        assertThat(alone.quorum().mayVote()).isFalse();
        assertThat(alone.clusterId()).isEmpty();
        assertThat(alone.heartbeats().sessionTimeoutMs()).isEqualTo(9000);
    }

    @Test
    void aControllerHasAListenerBesideTheClients() {
        BrokerConfig config = node2();

        assertThat(config.integer(BrokerKeys.PORT)).isEqualTo(9092);
        ClusterSettings settings = ClusterSettings.of(config);
        assertThat(settings.isClustered()).isTrue();
        assertThat(settings.quorum().listener())
                .isEqualTo(new Endpoint("CONTROLLER", "0.0.0.0", 9094));
        assertThat(requireNonNull(settings.quorum().membership()).voters())
                .containsEntry(1, InetSocketAddress.createUnresolved("a", 9093));
        var engine = settings.quorumSettings(config, new UUID(1, 2));
        assertThat(engine.mayVote()).isTrue();
        assertThat(engine.node().clusterId()).isEqualTo("orders");
    }

    @Test
    void listenersMayHaveOtherNames() {
        ClusterSettings settings =
                settings(
                        "controller.listener.names",
                        "QUORUM",
                        "listener.security.protocol.map",
                        "CLIENTS:PLAINTEXT, QUORUM:PLAINTEXT",
                        "listeners",
                        "QUORUM://127.0.0.1:9094, CLIENTS://[::1]:9092",
                        "advertised.listeners",
                        "CLIENTS://b.example:9092");

        assertThat(requireNonNull(settings.quorum().listener()).port()).isEqualTo(9094);
    }

    @Test
    void whereListenersNameNoneTheVotersAddressIsBound() {
        ClusterSettings settings = settings("listeners", "PLAINTEXT://:9092");

        assertThat(settings.quorum().listener()).isEqualTo(new Endpoint("CONTROLLER", "b", 9094));
    }

    @Test
    void aBrokerThatIsNoControllerObserves() {
        ClusterSettings settings =
                settings(
                        "process.roles",
                        "broker",
                        "node.id",
                        "3",
                        "listeners",
                        "PLAINTEXT://:9092");

        assertThat(settings.isClustered()).isTrue();
        assertThat(settings.quorum().mayVote()).isFalse();
    }

    @Test
    void whoVotesMayBeLearnedFromControllers() {
        ClusterSettings settings =
                settings(
                        "controller.quorum.voters",
                        "",
                        "controller.quorum.bootstrap.servers",
                        "a:9093,[::1]:9094",
                        "listeners",
                        "PLAINTEXT://b:9092,CONTROLLER://b:9094");

        var membership = requireNonNull(settings.quorum().membership());
        assertThat(settings.quorum().mayVote()).isTrue();
        assertThat(membership.voters()).isEmpty();
        assertThat(membership.own()).isEqualTo(InetSocketAddress.createUnresolved("b", 9094));
        assertThat(membership.contacts())
                .containsExactly(
                        InetSocketAddress.createUnresolved("a", 9093),
                        InetSocketAddress.createUnresolved("::1", 9094));
        assertThatThrownBy(() ->
                        settings(
                                "controller.quorum.voters",
                                "",
                                "controller.quorum.bootstrap.servers",
                                "a:9093"))
                .hasMessageContaining("advertised.listeners");
        assertThatThrownBy(() ->
                        settings(
                                "controller.quorum.voters",
                                "",
                                "controller.quorum.bootstrap.servers",
                                "a",
                                "listeners",
                                "PLAINTEXT://b:9092,CONTROLLER://b:9094"))
                .hasMessageContaining("'a' is no host:port");
    }

    @Test
    void whatDoesNotFitTogetherIsSaid() {
        assertThatThrownBy(() -> settings("process.roles", "controller"))
                .hasMessageContaining("every node is a broker");
        assertThatThrownBy(() -> settings("process.roles", "broker"))
                .hasMessageContaining("Node 2 is one of controller.quorum.voters");
        assertThatThrownBy(() -> settings("node.id", "7"))
                .hasMessageContaining("Node 7 is not one of");
        assertThatThrownBy(() -> settings("controller.quorum.voters", ""))
                .hasMessageContaining("leave process.roles empty for a single node");
        assertThatThrownBy(() -> settings("controller.quorum.voters", "b:9094"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("no id@host:port");
        assertThatThrownBy(() -> settings("millrace.cluster.id", ""))
                .hasMessageContaining("millrace.cluster.id is not set");
        assertThatThrownBy(() -> settings("millrace.cluster.id", "a b"))
                .hasMessageContaining("a b");
        assertThatThrownBy(() -> settings("process.roles", "", "listeners", "PLAINTEXT://:1"))
                .hasMessageContaining("process.roles is not");
    }

    @Test
    void listenersThatCannotBeServedAreRefused() {
        assertThatThrownBy(() -> node2("process.roles", ""))
                .hasMessageContaining("where process.roles is set");
        assertThatThrownBy(() -> node2("listeners", "PLAINTEXT://:1,OTHER://:2"))
                .hasMessageContaining("OTHER");
        assertThatThrownBy(() -> node2("listener.security.protocol.map", "CONTROLLER:SSL"))
                .hasMessageContaining("its protocol is SSL");
        assertThatThrownBy(() -> node2("listeners", "PLAINTEXT://:99999"))
                .hasMessageContaining("NAME://HOST:PORT");
        assertThatThrownBy(() -> node2("listeners", "CONTROLLER://:9094"))
                .hasMessageContaining("one PLAINTEXT://HOST:PORT");
    }

    @Test
    void consumersMayReadInTheirRack() {
        String rackAware = "org.apache.kafka.common.replica.RackAwareReplicaSelector";

        assertThat(settings().replication().rackAware()).isFalse();
        assertThat(settings("replica.selector.class", rackAware).replication().rackAware())
                .isTrue();
        assertThatThrownBy(() -> settings("replica.selector.class", "com.example.Own"))
                .isInstanceOf(ConfigException.class);
    }
}
