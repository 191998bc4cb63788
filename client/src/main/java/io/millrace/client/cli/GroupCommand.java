package io.millrace.client.cli;

import static io.millrace.client.cli.Connection.get;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace group}. */
@Command(name = "group", description = "Lists, describes, resets and deletes consumer groups.")
final class GroupCommand {
    @Spec CommandSpec spec = CommandSpec.create();

    @Command(name = "list", description = "Lists groups.", mixinStandardHelpOptions = true)
    int list(
            @Mixin Connection connection,
            @Option(
                            names = {"-o", "--output"},
                            defaultValue = "table")
                    Table.Output output) {
        try (Admin admin = connection.admin()) {
            var names =
                    get(admin.listGroups(ListGroupsOptions.forConsumerGroups()).all()).stream()
                            .map(group -> group.groupId())
                            .sorted()
                            .toList();
            var table = new Table("GROUP", "STATE", "MEMBERS");
            new TreeMap<>(get(admin.describeConsumerGroups(names).all()))
                    .values()
                    .forEach(group ->
                            table.row(
                                    group.groupId(),
                                    group.groupState().toString(),
                                    group.members().size()));
            table.print(spec.commandLine().getOut(), output);
        }
        return 0;
    }

    @Command(
            name = "describe",
            description = "Shows a group's members, offsets and lag.",
            mixinStandardHelpOptions = true)
    int describe(
            @Mixin Connection connection,
            @Parameters(paramLabel = "GROUP") String name,
            @Option(
                            names = {"-o", "--output"},
                            defaultValue = "table")
                    Table.Output output) {
        try (Admin admin = connection.admin()) {
            ConsumerGroupDescription group =
                    get(admin.describeConsumerGroups(List.of(name)).all()).get(name);
            var owners = new HashMap<TopicPartition, MemberDescription>();
            if (group != null) {
                for (MemberDescription member : group.members()) {
                    member.assignment()
                            .topicPartitions()
                            .forEach(where -> owners.put(where, member));
                }
                if (output == Table.Output.table) {
                    say("Group %s is %s".formatted(name, group.groupState()));
                }
            }
            Map<TopicPartition, OffsetAndMetadata> committed = committed(admin, name);
            var all = new HashMap<TopicPartition, OffsetSpec>();
            committed.keySet().forEach(where -> all.put(where, OffsetSpec.latest()));
            owners.keySet().forEach(where -> all.put(where, OffsetSpec.latest()));
            var ends = get(admin.listOffsets(all).all());
            var table =
                    new Table("TOPIC", "PARTITION", "COMMITTED", "END", "LAG", "CLIENT", "HOST");
            all.keySet().stream()
                    .sorted(
                            Comparator.comparing(TopicPartition::topic)
                                    .thenComparingInt(TopicPartition::partition))
                    .forEach(where -> {
                        var at = committed.get(where);
                        var found = ends.get(where);
                        long end = found == null ? -1 : found.offset();
                        var owner = owners.get(where);
                        table.row(
                                where.topic(),
                                where.partition(),
                                at == null ? "-" : (Object) at.offset(),
                                end,
                                at == null ? "-" : (Object) (end - at.offset()),
                                owner == null ? "-" : owner.clientId(),
                                owner == null ? "-" : owner.host());
                    });
            table.print(spec.commandLine().getOut(), output);
        }
        return 0;
    }

    private static Map<TopicPartition, OffsetAndMetadata> committed(Admin admin, String name) {
        var committed = new HashMap<TopicPartition, OffsetAndMetadata>();
        get(admin.listConsumerGroupOffsets(name).partitionsToOffsetAndMetadata())
                .forEach((where, offset) -> {
                    if (offset != null) {
                        committed.put(where, offset);
                    }
                });
        return committed;
    }

    @Command(
            name = "reset",
            description =
                    "Moves a group's offsets; says what it would do, and does it with --execute.",
            mixinStandardHelpOptions = true)
    int reset(
            @Mixin Connection connection,
            @Parameters(paramLabel = "GROUP") String name,
            @Option(
                            names = {"-t", "--topic"},
                            required = true)
                    String topic,
            @Option(
                            names = "--to",
                            required = true,
                            paramLabel = "START",
                            description =
                                    "An offset, -N (before the end), @TIME, beginning or end.")
                    String to,
            @Option(names = {"-p", "--partition"}) @Nullable Integer partition,
            @Option(names = "--execute") boolean execute) {
        StartPoint start = StartPoint.parse(to);
        try (Admin admin = connection.admin()) {
            var description = get(admin.describeTopics(List.of(topic)).allTopicNames()).get(topic);
            if (description == null) {
                throw new CliException("there is no topic " + topic);
            }
            var targets = new HashMap<TopicPartition, OffsetAndMetadata>();
            var table = new Table("TOPIC", "PARTITION", "NEW OFFSET");
            for (var each : description.partitions()) {
                if (partition == null || partition == each.partition()) {
                    var where = new TopicPartition(topic, each.partition());
                    long offset = resolve(admin, where, start);
                    targets.put(where, new OffsetAndMetadata(offset));
                    table.row(topic, each.partition(), offset);
                }
            }
            table.print(spec.commandLine().getOut(), Table.Output.table);
            if (execute) {
                get(admin.alterConsumerGroupOffsets(name, targets).all());
            } else {
                say("Nothing was changed: add --execute to do it.");
            }
        }
        return 0;
    }

    private static long resolve(Admin admin, TopicPartition where, StartPoint start) {
        long first = offset(admin, where, OffsetSpec.earliest());
        long end = offset(admin, where, OffsetSpec.latest());
        long wanted = end;
        if (start instanceof StartPoint.Offset at) {
            wanted = at.offset();
        } else if (start instanceof StartPoint.BeforeEnd before) {
            wanted = end - before.records();
        } else if (start instanceof StartPoint.Beginning) {
            wanted = first;
        } else if (start instanceof StartPoint.At at) {
            long found = offset(admin, where, OffsetSpec.forTimestamp(at.timestampMs()));
            wanted = found < 0 ? end : found;
        }
        return Math.max(first, Math.min(end, wanted));
    }

    private static long offset(Admin admin, TopicPartition where, OffsetSpec spec) {
        var found = get(admin.listOffsets(Map.of(where, spec)).all()).get(where);
        return found == null ? -1 : found.offset();
    }

    @Command(
            name = "delete",
            description = "Deletes empty groups.",
            mixinStandardHelpOptions = true)
    int delete(
            @Mixin Connection connection,
            @Parameters(paramLabel = "GROUP", arity = "1..*") List<String> names) {
        try (Admin admin = connection.admin()) {
            get(admin.deleteConsumerGroups(names).all());
            names.forEach(name -> say("Deleted " + name));
        }
        return 0;
    }

    private void say(String line) {
        spec.commandLine().getOut().println(line);
        spec.commandLine().getOut().flush();
    }
}
