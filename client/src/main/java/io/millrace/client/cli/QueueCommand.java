package io.millrace.client.cli;

import static io.millrace.client.cli.Connection.get;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.client.cli.text.Table;
import io.millrace.client.cli.text.WrongUseException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.config.ConfigResource;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace queue}. */
@Command(
        name = "queue",
        description = "Shows what waits in share groups' queues, and works with dead letters.",
        mixinStandardHelpOptions = true)
final class QueueCommand {
    private static final String PAUSED = "millrace.queue.paused";
    private static final int DEFAULT_COUNT = 10;

    @Spec CommandSpec spec = CommandSpec.create();

    @Command(name = "list", description = "Lists queues.", mixinStandardHelpOptions = true)
    int list(@Mixin Connection connection, @Mixin OutputOption output) {
        try (Admin admin = connection.admin()) {
            var names =
                    get(
                                    admin.listGroups(
                                                    new ListGroupsOptions()
                                                            .withTypes(Set.of(GroupType.SHARE)))
                                            .all())
                            .stream()
                            .map(group -> group.groupId())
                            .sorted()
                            .toList();
            var table = new Table("QUEUE", "LEFT", "IN FLIGHT", "WAITING", "DEAD", "PAUSED");
            for (String name : names) {
                QueueStatus status = QueueStatus.of(admin, name);
                table.row(
                        name,
                        status.partitions().stream().mapToLong(QueueStatus::left).sum(),
                        status.sum("acquired"),
                        status.sum("resting") + status.sum("waiting"),
                        status.sum("dead"),
                        status.setting(PAUSED));
            }
            table.print(spec.commandLine().getOut(), output.form());
        }
        return 0;
    }

    @Command(
            name = "describe",
            description = "Shows a queue: what is left, and who holds which record until when.",
            mixinStandardHelpOptions = true)
    int describe(
            @Mixin Connection connection,
            @Parameters(paramLabel = "GROUP") String name,
            @Option(names = "--records", description = "Shows records, not partitions.")
                    boolean records,
            @Mixin OutputOption output) {
        try (Admin admin = connection.admin()) {
            QueueStatus status = QueueStatus.existing(admin, name);
            Table table = records ? recordsOf(status) : partitionsOf(status);
            table.print(spec.commandLine().getOut(), output.form());
        }
        return 0;
    }

    private static Table partitionsOf(QueueStatus status) {
        var table =
                new Table(
                        "TOPIC",
                        "PARTITION",
                        "START",
                        "LEFT",
                        "AVAILABLE",
                        "IN FLIGHT",
                        "RESTING",
                        "WAITING",
                        "DEAD",
                        "NEXT DUE");
        for (JsonNode each : status.partitions()) {
            table.row(
                    each.path("topic").asText(),
                    QueueStatus.number(each, "partition"),
                    QueueStatus.number(each, "start"),
                    QueueStatus.left(each),
                    QueueStatus.number(each, "available"),
                    QueueStatus.number(each, "acquired"),
                    QueueStatus.number(each, "resting"),
                    QueueStatus.number(each, "waiting"),
                    QueueStatus.number(each, "dead"),
                    time(QueueStatus.number(each, "nextDueMs")));
        }
        return table;
    }

    private static Table recordsOf(QueueStatus status) {
        var table =
                new Table("TOPIC", "PARTITION", "OFFSET", "STATE", "DELIVERIES", "MEMBER", "UNTIL");
        for (JsonNode partition : status.partitions()) {
            for (JsonNode each : partition.path("records")) {
                table.row(
                        partition.path("topic").asText(),
                        QueueStatus.number(partition, "partition"),
                        QueueStatus.number(each, "offset"),
                        each.path("state").asText(),
                        QueueStatus.number(each, "deliveries"),
                        each.path("member").asText(),
                        time(QueueStatus.number(each, "untilMs")));
            }
        }
        return table;
    }

    private static String time(long ms) {
        return ms <= 0 ? "-" : Instant.ofEpochMilli(ms).toString();
    }

    @Command(
            name = "peek",
            description = "Shows records from a queue's start on, without taking them.",
            mixinStandardHelpOptions = true)
    int peek(
            @Mixin Connection connection,
            @Parameters(paramLabel = "GROUP") String name,
            @Option(
                            names = {"-n", "--max-messages"},
                            paramLabel = "N",
                            description = "So many of each partition (10).")
                    @Nullable Integer count) {
        int wanted = most(count, DEFAULT_COUNT);
        try (Admin admin = connection.admin();
                var reader = new TopicReader(connection)) {
            QueueStatus status = QueueStatus.existing(admin, name);
            var table = new Table("TOPIC", "PARTITION", "OFFSET", "STATE", "KEY", "VALUE");
            for (JsonNode partition : status.partitions()) {
                String topic = partition.path("topic").asText();
                int index = (int) QueueStatus.number(partition, "partition");
                long start = QueueStatus.number(partition, "start");
                for (var each : reader.read(topic, index, start, wanted)) {
                    table.row(
                            topic,
                            index,
                            each.offset(),
                            state(partition, each.offset()),
                            TopicReader.text(each.key()),
                            TopicReader.text(each.value()));
                }
            }
            table.print(spec.commandLine().getOut(), Table.Output.table);
        }
        return 0;
    }

    private static int most(@Nullable Integer count, int fallback) {
        if (count != null && count < 1) {
            throw new WrongUseException("--max-messages is at least 1, not " + count);
        }
        return count == null ? fallback : count;
    }

    private static String state(JsonNode partition, long offset) {
        for (JsonNode each : partition.path("records")) {
            if (QueueStatus.number(each, "offset") == offset) {
                return each.path("state").asText();
            }
        }
        return offset >= QueueStatus.number(partition, "end")
                ? "not yet looked at"
                : "done or waiting";
    }

    @Command(
            name = "dlq",
            description = "Shows the dead letters of a queue.",
            mixinStandardHelpOptions = true)
    int dlq(
            @Mixin Connection connection,
            @Parameters(paramLabel = "GROUP") String name,
            @Option(
                            names = {"-n", "--max-messages"},
                            paramLabel = "N",
                            description = "So many (10).")
                    @Nullable Integer count) {
        int wanted = most(count, DEFAULT_COUNT);
        try (Admin admin = connection.admin();
                var reader = new TopicReader(connection)) {
            var table =
                    new Table("OFFSET", "TOPIC", "PARTITION", "AT", "DELIVERIES", "WHY", "VALUE");
            for (var each : DeadLetterTopic.of(admin, name).read(reader, wanted)) {
                table.row(
                        each.record().partition() + "/" + each.record().offset(),
                        each.topic(),
                        each.partition(),
                        each.offset(),
                        each.header("delivery.count"),
                        each.header("message"),
                        TopicReader.text(each.record().value()));
            }
            table.print(spec.commandLine().getOut(), Table.Output.table);
        }
        return 0;
    }

    @Command(
            name = "redrive",
            description =
                    "Sends dead letters to where they came from; says what it would do, and does it"
                            + " with --execute.",
            mixinStandardHelpOptions = true)
    int redrive(
            @Mixin Connection connection,
            @Parameters(paramLabel = "GROUP") String name,
            @Option(
                            names = {"-n", "--max-messages"},
                            paramLabel = "N",
                            description = "So many at most (all).")
                    @Nullable Integer count,
            @Option(names = "--execute", description = "Does it.") boolean execute) {
        int most = most(count, Integer.MAX_VALUE);
        try (Admin admin = connection.admin();
                var reader = new TopicReader(connection)) {
            DeadLetterTopic letters = DeadLetterTopic.of(admin, name);
            var redrive = new Redrive(connection, admin, reader, letters);
            if (execute) {
                Redrive.Outcome outcome = redrive.execute(most);
                say(
                        "Sent %d dead letters again; %d are not there any more."
                                .formatted(outcome.sent(), outcome.gone()));
            } else {
                say(
                        "%d dead letters would be sent again: add --execute to do it."
                                .formatted(redrive.pending(most)));
            }
        }
        return 0;
    }

    @Command(
            name = "pause",
            description = "Has a queue hand out nothing.",
            mixinStandardHelpOptions = true)
    int pause(@Mixin Connection connection, @Parameters(paramLabel = "GROUP") String name) {
        return set(connection, name, "true");
    }

    @Command(
            name = "resume",
            description = "Has a paused queue hand out records again.",
            mixinStandardHelpOptions = true)
    int resume(@Mixin Connection connection, @Parameters(paramLabel = "GROUP") String name) {
        return set(connection, name, "false");
    }

    private int set(Connection connection, String name, String value) {
        try (Admin admin = connection.admin()) {
            var resource = new ConfigResource(ConfigResource.Type.GROUP, name);
            var change =
                    new AlterConfigOp(new ConfigEntry(PAUSED, value), AlterConfigOp.OpType.SET);
            get(admin.incrementalAlterConfigs(Map.of(resource, List.of(change))).all());
            say("%s=%s for %s".formatted(PAUSED, value, name));
            if (!QueueStatus.exists(admin, name)) {
                say("There is no queue %s yet: it begins with this setting.".formatted(name));
            }
        }
        return 0;
    }

    private void say(String line) {
        spec.commandLine().getOut().println(line);
        spec.commandLine().getOut().flush();
    }
}
