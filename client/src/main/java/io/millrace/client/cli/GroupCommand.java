package io.millrace.client.cli;

import static io.millrace.client.cli.Connection.get;

import io.millrace.client.cli.text.CliException;
import io.millrace.client.cli.text.Table;
import java.util.ArrayList;
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
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace group}. */
@Command(
        name = "group",
        description = "Lists, describes, resets and deletes consumer groups.",
        subcommands = GroupResetCommand.class,
        mixinStandardHelpOptions = true)
final class GroupCommand {
    @Spec CommandSpec spec = CommandSpec.create();

    @Command(name = "list", description = "Lists groups.", mixinStandardHelpOptions = true)
    int list(@Mixin Connection connection, @Mixin OutputOption output) {
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
            table.print(spec.commandLine().getOut(), output.form());
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
            @Mixin OutputOption output) {
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
                if (output.isTable()) {
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
            table.print(spec.commandLine().getOut(), output.form());
        }
        return 0;
    }

    static Map<TopicPartition, OffsetAndMetadata> committed(Admin admin, String name) {
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
            name = "delete",
            description = "Deletes empty groups.",
            mixinStandardHelpOptions = true)
    int delete(
            @Mixin Connection connection,
            @Parameters(paramLabel = "GROUP", arity = "1..*") List<String> names) {
        try (Admin admin = connection.admin()) {
            var refusals = new ArrayList<String>();
            admin.deleteConsumerGroups(names)
                    .deletedGroups()
                    .forEach((name, deleted) -> {
                        try {
                            get(deleted);
                            say("Deleted " + name);
                        } catch (GroupIdNotFoundException e) {
                            refusals.add(
                                    "there is no group %s: 'millrace group list' names all"
                                            .formatted(name));
                        } catch (GroupNotEmptyException e) {
                            refusals.add("group %s has members: stop them first".formatted(name));
                        }
                    });
            if (!refusals.isEmpty()) {
                throw new CliException(String.join("; ", refusals));
            }
        }
        return 0;
    }

    private void say(String line) {
        spec.commandLine().getOut().println(line);
        spec.commandLine().getOut().flush();
    }
}
