package io.millrace.broker;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.BrokerKeys;
import io.millrace.cluster.controller.Command;
import io.millrace.cluster.controller.Command.CreateTopic;
import io.millrace.cluster.metadata.ConfigResource;
import io.millrace.cluster.metadata.NodeImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Two brokers of one cluster without a quorum: each is told by hand of the other, and of the same
 * topics.
 */
final class TwoBrokers implements AutoCloseable {
    static final int FIRST = 1;
    static final int SECOND = 2;

    private final Path folder;
    private boolean secondStopped;
    final Millrace first;
    final Millrace second;

    TwoBrokers(Path folder) throws IOException {
        this.folder = folder;
        first = start(FIRST);
        second = start(SECOND);
        first.metadata().submit(List.of(registration(SECOND, second))).join();
        second.metadata().submit(List.of(registration(FIRST, first))).join();
    }

    private Millrace start(int node) throws IOException {
        Path own = Files.createDirectories(folder.resolve("node-" + node));
        String mark = "version=1\ncluster.id=the-same\nnode.id=%d\n".formatted(node);
        Files.writeString(own.resolve("meta.properties"), mark, StandardCharsets.UTF_8);
        var values = new HashMap<String, String>();
        values.put(BrokerKeys.DATA_DIR, own.toString());
        values.put(BrokerKeys.PORT, "0");
        values.put(BrokerKeys.NODE_ID, Integer.toString(node));
        return Millrace.start(BrokerConfig.of(values));
    }

    private static Command registration(int node, Millrace broker) {
        return new Command.RegisterNode(new NodeImage(node, broker.host(), broker.port(), ""));
    }

    /** Makes a topic of one partition that a node leads; gives its id. */
    UUID topic(String name, int leader, Map<String, String> configs) {
        UUID id = UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8));
        tell(new CreateTopic(id, name, 1, 1, List.of(List.of(leader)), configs));
        return id;
    }

    /** Sets something of a group. */
    void set(String group, String key, String value) {
        tell(
                new Command.ChangeConfig(
                        new ConfigResource(ConfigResource.Type.GROUP, group),
                        Map.of(key, Optional.of(value))));
    }

    private void tell(Command command) {
        first.metadata().submit(List.of(command)).join();
        second.metadata().submit(List.of(command)).join();
    }

    /** Whether a node keeps a log of a partition. */
    boolean keeps(int node, String partition) {
        return Files.exists(folder.resolve("node-" + node).resolve(partition));
    }

    /** Stops the second, for good. */
    void stopSecond() {
        secondStopped = true;
        second.close();
    }

    @Override
    public void close() {
        first.close();
        if (!secondStopped) {
            second.close();
        }
    }
}
