package io.millrace.client.cli;

import static io.millrace.client.cli.Connection.get;

import io.millrace.client.cli.text.CliException;
import io.millrace.client.cli.text.Table;
import io.millrace.client.cli.text.WrongUseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace topic}. */
@Command(
        name = "topic",
        description = "Creates, lists, describes, alters and deletes topics.",
        mixinStandardHelpOptions = true)
final class TopicCommand {
    @Spec CommandSpec spec = CommandSpec.create();

    @Command(name = "create", description = "Creates topics.", mixinStandardHelpOptions = true)
    int create(
            @Mixin Connection connection,
            @Parameters(paramLabel = "TOPIC", arity = "1..*") List<String> names,
            @Option(
                            names = {"-p", "--partitions"},
                            paramLabel = "N",
                            description = "The broker's default if left out.")
                    @Nullable Integer partitions,
            @Option(
                            names = {"-r", "--replication-factor"},
                            paramLabel = "N",
                            description = "The broker's default if left out.")
                    @Nullable Short replicas,
            @Option(
                            names = {"-c", "--config"},
                            paramLabel = "KEY=VALUE",
                            description = "A setting of the topic, as retention.ms=60000.")
                    @Nullable Map<String, String> configs) {
        try (Admin admin = connection.admin()) {
            var topics = new ArrayList<NewTopic>();
            for (String name : names) {
                topics.add(
                        new NewTopic(
                                        name,
                                        Optional.ofNullable(partitions),
                                        Optional.ofNullable(replicas))
                                .configs(configs == null ? Map.of() : configs));
            }
            get(admin.createTopics(topics).all());
            names.forEach(name -> say("Created " + name));
        }
        return 0;
    }

    @Command(name = "list", description = "Lists topics.", mixinStandardHelpOptions = true)
    int list(
            @Mixin Connection connection,
            @Option(names = "--internal", description = "The brokers' own topics too.")
                    boolean internal,
            @Mixin OutputOption output) {
        try (Admin admin = connection.admin()) {
            var options = new ListTopicsOptions().listInternal(internal);
            var names = new TreeSet<>(get(admin.listTopics(options).names()));
            var table = new Table("TOPIC", "PARTITIONS", "REPLICAS");
            new TreeMap<>(get(admin.describeTopics(names).allTopicNames()))
                    .values()
                    .forEach(topic ->
                            table.row(
                                    topic.name(),
                                    topic.partitions().size(),
                                    topic.partitions().get(0).replicas().size()));
            table.print(spec.commandLine().getOut(), output.form());
        }
        return 0;
    }

    @Command(
            name = "describe",
            description = "Shows a topic's partitions, offsets and settings.",
            mixinStandardHelpOptions = true)
    int describe(
            @Mixin Connection connection,
            @Parameters(paramLabel = "TOPIC") String name,
            @Mixin OutputOption output) {
        try (Admin admin = connection.admin()) {
            TopicDescription topic = description(admin, name);
            Map<TopicPartition, Long> starts = offsets(admin, topic, OffsetSpec.earliest());
            Map<TopicPartition, Long> ends = offsets(admin, topic, OffsetSpec.latest());
            var table = new Table("PARTITION", "LEADER", "REPLICAS", "ISR", "START", "END");
            for (TopicPartitionInfo partition : topic.partitions()) {
                var where = new TopicPartition(name, partition.partition());
                table.row(
                        partition.partition(),
                        partition.leader() == null ? "none" : partition.leader().idString(),
                        ids(partition.replicas()),
                        ids(partition.isr()),
                        starts.getOrDefault(where, -1L),
                        ends.getOrDefault(where, -1L));
            }
            if (output.isTable()) {
                say("Topic " + name + ", id " + topic.topicId());
                changedConfigs(admin, name).forEach((key, value) -> say("  " + key + "=" + value));
            }
            table.print(spec.commandLine().getOut(), output.form());
        }
        return 0;
    }

    @Command(
            name = "alter",
            description = "Adds partitions, sets and unsets configuration.",
            mixinStandardHelpOptions = true)
    int alter(
            @Mixin Connection connection,
            @Parameters(paramLabel = "TOPIC") String name,
            @Option(
                            names = {"-p", "--partitions"},
                            paramLabel = "N",
                            description = "How many there are to be.")
                    @Nullable Integer partitions,
            @Option(
                            names = {"-c", "--config"},
                            paramLabel = "KEY=VALUE",
                            description = "A setting of the topic, as retention.ms=60000.")
                    @Nullable Map<String, String> set,
            @Option(names = "--unset", paramLabel = "KEY", description = "Back to the default.")
                    @Nullable List<String> unset) {
        if (partitions == null && set == null && unset == null) {
            throw new WrongUseException(
                    "nothing to alter: --partitions, --config and --unset say what");
        }
        try (Admin admin = connection.admin()) {
            if (partitions != null) {
                get(
                        admin.createPartitions(Map.of(name, NewPartitions.increaseTo(partitions)))
                                .all());
            }
            var changes = new ArrayList<AlterConfigOp>();
            if (set != null) {
                set.forEach(
                        (key, value) -> changes.add(change(key, value, AlterConfigOp.OpType.SET)));
            }
            if (unset != null) {
                unset.forEach(key -> changes.add(change(key, "", AlterConfigOp.OpType.DELETE)));
            }
            if (!changes.isEmpty()) {
                var resource = new ConfigResource(ConfigResource.Type.TOPIC, name);
                get(admin.incrementalAlterConfigs(Map.of(resource, changes)).all());
            }
            say("Altered " + name);
        }
        return 0;
    }

    @Command(name = "delete", description = "Deletes topics.", mixinStandardHelpOptions = true)
    int delete(
            @Mixin Connection connection,
            @Parameters(paramLabel = "TOPIC", arity = "1..*") List<String> names) {
        try (Admin admin = connection.admin()) {
            var missing = new ArrayList<String>();
            admin.deleteTopics(names)
                    .topicNameValues()
                    .forEach((name, deleted) -> {
                        try {
                            get(deleted);
                            say("Deleted " + name);
                        } catch (UnknownTopicOrPartitionException e) {
                            missing.add(name);
                        }
                    });
            if (!missing.isEmpty()) {
                throw noTopic(String.join(", ", missing));
            }
        }
        return 0;
    }

    /**
     * What the brokers say of a topic.
     *
     * @throws CliException if there is no such topic
     */
    static TopicDescription description(Admin admin, String name) {
        try {
            TopicDescription found =
                    get(admin.describeTopics(List.of(name)).allTopicNames()).get(name);
            if (found != null) {
                return found;
            }
        } catch (UnknownTopicOrPartitionException e) {
            // said below, as where the answer is empty
        }
        throw noTopic(name);
    }

    private static CliException noTopic(String name) {
        return new CliException(
                "there is no topic %s: 'millrace topic list' names all".formatted(name));
    }

    private static AlterConfigOp change(String key, String value, AlterConfigOp.OpType type) {
        return new AlterConfigOp(new ConfigEntry(key, value), type);
    }

    private static Map<TopicPartition, Long> offsets(
            Admin admin, TopicDescription topic, OffsetSpec spec) {
        var asked = new HashMap<TopicPartition, OffsetSpec>();
        topic.partitions()
                .forEach(each ->
                        asked.put(new TopicPartition(topic.name(), each.partition()), spec));
        var offsets = new HashMap<TopicPartition, Long>();
        get(admin.listOffsets(asked).all())
                .forEach((where, found) -> offsets.put(where, found.offset()));
        return offsets;
    }

    private static Map<String, String> changedConfigs(Admin admin, String name) {
        var resource = new ConfigResource(ConfigResource.Type.TOPIC, name);
        var changed = new TreeMap<String, String>();
        var config = get(admin.describeConfigs(List.of(resource)).all()).get(resource);
        if (config != null) {
            for (ConfigEntry entry : config.entries()) {
                if (entry.source() == ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG) {
                    changed.put(entry.name(), entry.value());
                }
            }
        }
        return changed;
    }

    private static String ids(List<org.apache.kafka.common.Node> nodes) {
        return String.join(
                ",", nodes.stream().map(org.apache.kafka.common.Node::idString).toList());
    }

    private void say(String line) {
        spec.commandLine().getOut().println(line);
        spec.commandLine().getOut().flush();
    }
}
