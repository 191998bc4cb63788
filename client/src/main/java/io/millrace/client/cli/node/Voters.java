package io.millrace.client.cli.node;

import static io.millrace.client.cli.text.Answers.get;

import io.millrace.client.cli.text.CliException;
import io.millrace.client.cli.text.WrongUseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.FeatureUpdate;
import org.apache.kafka.clients.admin.FinalizedVersionRange;
import org.apache.kafka.clients.admin.QuorumInfo;
import org.apache.kafka.clients.admin.RaftVoterEndpoint;
import org.apache.kafka.clients.admin.UpdateFeaturesOptions;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Has nodes vote, or no longer (KIP-853). What the quorum cannot do at the moment, because another
 * change is under way or the node has not caught up, is asked for again for half a minute.
 */
public record Voters(Admin admin, Consumer<String> say) {
    private static final String VERSION = "kraft.version";
    private static final int TRIES = 60;
    private static final Pattern ADDRESS = Pattern.compile("\\[?([^\\[\\]]+)]?:(\\d{1,5})");
    private static final Pattern LISTENER = Pattern.compile("(\\w+)://\\[?([^\\[\\]]*)]?:(\\d+)");

    /**
     * Makes a node that reads along a voter. Blocks.
     *
     * @param controller where the others reach its controller; null: what its configuration says
     * @throws CliException if it cannot become one
     */
    public void add(int node, @Nullable String controller) {
        Nodes nodes = Nodes.of(admin);
        nodes.require(node);
        if (nodes.isVoter(node)) {
            throw new CliException("node %d votes already".formatted(node));
        }
        QuorumInfo.ReplicaState observer =
                nodes.quorum()
                        .flatMap(quorum -> Nodes.find(quorum.observers(), node))
                        .orElseThrow(() ->
                                new CliException(
                                        "node %d does not follow the quorum: does it run?"
                                                .formatted(node)));
        RaftVoterEndpoint endpoint =
                controller == null
                        ? configured(node, nodes.brokers().get(node))
                        : endpoint(controller);
        raiseVersion();
        again(() ->
                admin.addRaftVoter(node, observer.replicaDirectoryId(), Set.of(endpoint)).all());
        say.accept("Node %d votes".formatted(node));
    }

    /** Takes a node its vote; it reads along from then on. Blocks. */
    public void remove(int node) {
        raiseVersion();
        again(() -> {
            QuorumInfo quorum = get(admin.describeMetadataQuorum().quorumInfo());
            QuorumInfo.ReplicaState voter =
                    Nodes.find(quorum.voters(), node)
                            .orElseThrow(() ->
                                    new CliException("node %d does not vote".formatted(node)));
            return admin.removeRaftVoter(node, voter.replicaDirectoryId()).all();
        });
        say.accept("Node %d does not vote any more".formatted(node));
    }

    /** Voters of the configuration come to be kept by the quorum itself, for good. */
    private void raiseVersion() {
        FinalizedVersionRange now =
                get(admin.describeFeatures().featureMetadata()).finalizedFeatures().get(VERSION);
        if (now != null && now.maxVersionLevel() > 0) {
            return;
        }
        var update = new FeatureUpdate((short) 1, FeatureUpdate.UpgradeType.UPGRADE);
        again(() ->
                admin.updateFeatures(Map.of(VERSION, update), new UpdateFeaturesOptions()).all());
        say.accept("The quorum keeps its voters itself from now on (kraft.version 1)");
    }

    private static void again(Supplier<KafkaFuture<Void>> ask) {
        for (int tries = 1; ; tries++) {
            try {
                get(ask.get());
                return;
            } catch (RetriableException e) {
                if (tries == TRIES || e instanceof TimeoutException && e.getCause() != null) {
                    throw e;
                }
                Drain.pause();
            }
        }
    }

    private static RaftVoterEndpoint endpoint(String address) {
        Matcher matcher = ADDRESS.matcher(address);
        if (!matcher.matches()) {
            throw new WrongUseException(
                    "--controller takes HOST:PORT, not '%s'".formatted(address));
        }
        return new RaftVoterEndpoint(
                "CONTROLLER", matcher.group(1), Integer.parseInt(matcher.group(2)));
    }

    /** The controller's listener, as the node itself tells of its configuration. */
    private RaftVoterEndpoint configured(int node, @Nullable Node broker) {
        var resource = new ConfigResource(ConfigResource.Type.BROKER, Integer.toString(node));
        Config config = get(admin.describeConfigs(List.of(resource)).all()).get(resource);
        if (config != null && broker != null) {
            var names = Arrays.asList(value(config, "controller.listener.names").split(","));
            var listed = new ArrayList<String>();
            listed.addAll(Arrays.asList(value(config, "advertised.listeners").split(",")));
            listed.addAll(Arrays.asList(value(config, "listeners").split(",")));
            for (String item : listed) {
                Matcher matcher = LISTENER.matcher(item.strip());
                if (matcher.matches() && names.contains(matcher.group(1))) {
                    String host = matcher.group(2);
                    boolean any = host.isEmpty() || host.equals("0.0.0.0") || host.equals("::");
                    return new RaftVoterEndpoint(
                            matcher.group(1),
                            any ? broker.host() : host,
                            Integer.parseInt(matcher.group(3)));
                }
            }
        }
        throw new CliException(
                "node %d has no listener for controllers: set process.roles=broker,controller, or name it with --controller HOST:PORT"
                        .formatted(node));
    }

    private static String value(Config config, String key) {
        var entry = config.get(key);
        String value = entry == null ? null : entry.value();
        return value == null ? "" : value;
    }
}
