package io.millrace.client.cli;

import static io.millrace.client.cli.Connection.get;

import io.millrace.client.cli.text.Table;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code millrace cluster}. */
@Command(name = "cluster", description = "Shows the cluster.", mixinStandardHelpOptions = true)
final class ClusterCommand {
    @Spec CommandSpec spec = CommandSpec.create();

    @Command(name = "describe", description = "Shows the brokers.", mixinStandardHelpOptions = true)
    int describe(@Mixin Connection connection, @Mixin OutputOption output) {
        try (Admin admin = connection.admin()) {
            var cluster = admin.describeCluster();
            int controller = controller(admin, get(cluster.controller()));
            if (output.isTable()) {
                spec.commandLine().getOut().println("Cluster " + get(cluster.clusterId()));
            }
            var table = new Table("BROKER", "HOST", "PORT", "RACK", "CONTROLLER");
            for (Node node : get(cluster.nodes())) {
                table.row(
                        node.id(),
                        node.host(),
                        node.port(),
                        node.hasRack() ? node.rack() : "-",
                        node.id() == controller ? "yes" : "no");
            }
            table.print(spec.commandLine().getOut(), output.form());
        }
        return 0;
    }

    /**
     * Who leads the quorum. What brokers say in their metadata is any of them, for requests of
     * clients that know no better; it is taken where the quorum cannot be described.
     */
    private static int controller(Admin admin, Node named) {
        try {
            return get(admin.describeMetadataQuorum().quorumInfo()).leaderId();
        } catch (UnsupportedVersionException e) {
            return named.id();
        }
    }
}
