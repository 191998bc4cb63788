package io.millrace.client.cli;

import static io.millrace.client.cli.Connection.get;

import io.millrace.client.cli.node.Drain;
import io.millrace.client.cli.node.Nodes;
import io.millrace.client.cli.node.Voters;
import io.millrace.client.cli.text.CliException;
import io.millrace.client.cli.text.Table;
import io.millrace.client.cli.text.WrongUseException;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.QuorumInfo;
import org.apache.kafka.common.Node;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace node}. */
@Command(
        name = "node",
        description = "Lists the nodes of a cluster; adds voters; empties and removes nodes.",
        mixinStandardHelpOptions = true)
final class NodeCommand {
    private static final String STOP_WITHIN_S = "60";

    @Spec CommandSpec spec = CommandSpec.create();

    @Command(
            name = "list",
            description = "Lists the nodes, their part in the quorum, and what they hold.",
            mixinStandardHelpOptions = true)
    int list(@Mixin Connection connection, @Mixin OutputOption output) {
        try (Admin admin = connection.admin()) {
            Nodes nodes = Nodes.of(admin);
            Map<Integer, Long> bytes = bytes(admin, nodes);
            var table =
                    new Table(
                            "NODE",
                            "ADDRESS",
                            "QUORUM",
                            "LAG",
                            "STATE",
                            "REPLICAS",
                            "LEADERS",
                            "BYTES");
            for (int id : nodes.ids()) {
                Node broker = nodes.brokers().get(id);
                table.row(
                        id,
                        broker == null ? "-" : broker.host() + ":" + broker.port(),
                        role(nodes, id),
                        lag(nodes, id),
                        state(nodes, id),
                        nodes.replicas(id),
                        nodes.leaders(id),
                        bytes.containsKey(id) ? (Object) bytes.get(id) : "-");
            }
            table.print(spec.commandLine().getOut(), output.form());
        }
        return 0;
    }

    private static Map<Integer, Long> bytes(Admin admin, Nodes nodes) {
        var bytes = new HashMap<Integer, Long>();
        var alive = nodes.brokers().keySet().stream().filter(nodes::isAlive).toList();
        get(admin.describeLogDirs(alive).allDescriptions())
                .forEach((id, folders) ->
                        bytes.put(
                                id,
                                folders.values().stream()
                                        .flatMap(folder -> folder.replicaInfos().values().stream())
                                        .mapToLong(replica -> replica.size())
                                        .sum()));
        return bytes;
    }

    private static String role(Nodes nodes, int id) {
        if (nodes.quorum().isEmpty()) {
            return "-";
        }
        if (nodes.quorum().get().leaderId() == id) {
            return "leader";
        }
        return nodes.isVoter(id) ? "voter" : "observer";
    }

    /** Records of the metadata that the node lacks. */
    private static Object lag(Nodes nodes, int id) {
        if (nodes.quorum().isEmpty()) {
            return "-";
        }
        QuorumInfo quorum = nodes.quorum().get();
        long end =
                Nodes.find(quorum.voters(), quorum.leaderId())
                        .map(QuorumInfo.ReplicaState::logEndOffset)
                        .orElse(-1L);
        return Nodes.find(quorum.voters(), id)
                .or(() -> Nodes.find(quorum.observers(), id))
                .filter(replica -> replica.logEndOffset() >= 0)
                .<Object>map(replica -> Math.max(0, end - replica.logEndOffset()))
                .orElse("-");
    }

    private static String state(Nodes nodes, int id) {
        if (!nodes.brokers().containsKey(id)) {
            return "no broker";
        }
        if (!nodes.isAlive(id)) {
            return "fenced";
        }
        if (nodes.leaving(id).isEmpty() && !nodes.drained().contains(id)) {
            return "ready";
        }
        return nodes.replicas(id) == 0 ? "drained" : "draining";
    }

    @Command(
            name = "drain",
            description = "Moves all replicas of a node to the others; it gets no new ones.",
            mixinStandardHelpOptions = true)
    int drain(
            @Mixin Connection connection,
            @Parameters(paramLabel = "NODE") int node,
            @Option(
                            names = "--shrink",
                            description = "Where no other node is left, do with one replica fewer.")
                    boolean shrink,
            @Option(
                            names = "--cancel",
                            description =
                                    "Leave there what was not moved yet, and give it new ones again.")
                    boolean cancel) {
        if (cancel && shrink) {
            throw new WrongUseException("--cancel and --shrink do not go together");
        }
        try (Admin admin = connection.admin()) {
            var drain = new Drain(admin, node, shrink, this::say);
            if (cancel) {
                drain.cancel();
            } else {
                drain.run();
            }
        }
        return 0;
    }

    @Command(
            name = "add",
            description = {
                "Makes a node that runs a voter of the quorum.",
                "A broker needs no command: started with controller.quorum.bootstrap.servers, it joins."
            },
            mixinStandardHelpOptions = true)
    int add(
            @Mixin Connection connection,
            @Parameters(paramLabel = "NODE") int node,
            @Option(
                            names = "--controller",
                            paramLabel = "HOST:PORT",
                            description =
                                    "Where the others reach its controller (what its listeners say).")
                    @Nullable String controller) {
        try (Admin admin = connection.admin()) {
            new Voters(admin, this::say).add(node, controller);
        }
        return 0;
    }

    @Command(
            name = "remove",
            description = "Takes a node's vote, waits until it has stopped, and forgets it.",
            mixinStandardHelpOptions = true)
    int remove(
            @Mixin Connection connection,
            @Parameters(paramLabel = "NODE") int node,
            @Option(names = "--drain", description = "Move its replicas to the others first.")
                    boolean drain,
            @Option(names = "--shrink", description = "As of drain.") boolean shrink,
            @Option(names = "--vote-only", description = "Take its vote, and nothing else.")
                    boolean voteOnly,
            @Option(
                            names = "--stop-within",
                            paramLabel = "SECONDS",
                            defaultValue = STOP_WITHIN_S,
                            description =
                                    "How long to wait until it has stopped (${DEFAULT-VALUE}).")
                    int stopWithinSeconds) {
        if (shrink && !drain || voteOnly && drain) {
            throw new WrongUseException("--shrink goes with --drain, and --vote-only without");
        }
        try (Admin admin = connection.admin()) {
            Nodes nodes = Nodes.of(admin);
            nodes.require(node);
            long held = nodes.replicas(node);
            if (held > 0 && !drain && !voteOnly) {
                throw new CliException(
                        "node %d holds %d replicas: 'millrace node remove %d --drain' moves them first"
                                .formatted(node, held, node));
            }
            if (drain) {
                new Drain(admin, node, shrink, this::say).run();
            }
            if (nodes.isVoter(node)) {
                new Voters(admin, this::say).remove(node);
            } else if (voteOnly) {
                throw new CliException("node %d does not vote".formatted(node));
            }
            if (!voteOnly && nodes.brokers().containsKey(node)) {
                awaitStopped(admin, node, stopWithinSeconds);
                get(admin.unregisterBroker(node).all());
                say("Node %d is forgotten".formatted(node));
            }
        }
        return 0;
    }

    /** One that runs would register again. */
    private void awaitStopped(Admin admin, int node, int withinSeconds) {
        long deadline = System.nanoTime() + withinSeconds * 1_000_000_000L;
        boolean told = false;
        while (Nodes.of(admin).isAlive(node)) {
            if (System.nanoTime() >= deadline) {
                throw new CliException(
                        "node %d still runs: stop it, then run this again".formatted(node));
            }
            if (!told) {
                say("Node %d is not needed any more: stop it".formatted(node));
                told = true;
            }
            Drain.pause();
        }
    }

    private void say(String line) {
        spec.commandLine().getOut().println(line);
        spec.commandLine().getOut().flush();
    }
}
