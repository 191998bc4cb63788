package io.millrace.client.cli;

import static io.millrace.client.cli.Connection.get;

import io.millrace.client.cli.text.CliException;
import io.millrace.client.cli.text.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace group reset}: moves what a group has committed. */
@Command(
        name = "reset",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Moves a group's offsets; says what it would do, and does it with --execute.",
            "The group must have no members. Offsets are kept between the first and the end."
        })
final class GroupResetCommand implements Callable<Integer> {
    @Spec CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "GROUP")
    String name = "";

    @Option(
            names = {"-t", "--topic"},
            paramLabel = "TOPIC",
            required = true,
            description = "Only of this topic.")
    String topic = "";

    @ArgGroup(multiplicity = "1")
    Target target = new Target();

    @Option(
            names = {"-p", "--partition"},
            paramLabel = "N",
            description = "Only in this partition.")
    @Nullable Integer partition;

    @Option(names = "--execute", description = "Does it.")
    boolean execute;

    @Mixin Connection connection = new Connection();

    /** Where to: one of these. */
    static final class Target {
        @Option(
                names = "--to",
                paramLabel = "POINT",
                description = "An offset, -N (before the end), @TIME, beginning or end.")
        @Nullable String to;

        @Option(
                names = "--shift-by",
                paramLabel = "N",
                description = "So many records on from what is committed; back if negative.")
        @Nullable Long shiftBy;

        @Option(
                names = "--by-duration",
                paramLabel = "DURATION",
                description = "To so long ago, as PT15M or P1DT2H.")
        @Nullable Duration byDuration;

        @Option(
                names = "--to-datetime",
                paramLabel = "TIME",
                description = "To a time, as 2026-11-24T12:00:00Z (UTC if it names no zone).")
        @Nullable String toDatetime;

        /** The point that is meant; null for a shift, which depends on what is committed. */
        @Nullable StartPoint point(long nowMs) {
            if (to != null) {
                return StartPoint.parse(to);
            }
            if (byDuration != null) {
                return new StartPoint.At(nowMs - byDuration.toMillis());
            }
            return toDatetime == null ? null : new StartPoint.At(StartPoint.time(toDatetime));
        }
    }

    @Override
    public Integer call() {
        StartPoint point = target.point(Instant.now().toEpochMilli());
        var table = new Table("TOPIC", "PARTITION", "COMMITTED", "NEW OFFSET");
        try (Admin admin = connection.admin()) {
            var committed = GroupCommand.committed(admin, name);
            var moves = new HashMap<TopicPartition, OffsetAndMetadata>();
            for (TopicPartition where : partitions(admin)) {
                var before = committed.get(where);
                if (before == null && target.shiftBy != null) {
                    continue; // nothing to shift from
                }
                long offset = resolve(admin, where, point, before);
                moves.put(where, new OffsetAndMetadata(offset));
                table.row(topic, where.partition(), before == null ? "-" : before.offset(), offset);
            }
            if (moves.isEmpty()) {
                throw new CliException(
                        "group %s has committed nothing in %s to shift from"
                                .formatted(name, topic));
            }
            table.print(spec.commandLine().getOut(), Table.Output.table);
            if (execute) {
                get(admin.alterConsumerGroupOffsets(name, moves).all());
            }
        }
        spec.commandLine()
                .getOut()
                .println(execute ? "Done." : "Nothing was changed: add --execute to do it.");
        return 0;
    }

    private List<TopicPartition> partitions(Admin admin) {
        var chosen =
                TopicCommand.description(admin, topic).partitions().stream()
                        .filter(each -> partition == null || partition == each.partition())
                        .map(each -> new TopicPartition(topic, each.partition()))
                        .toList();
        if (chosen.isEmpty()) {
            throw new CliException("topic " + topic + " has no partition " + partition);
        }
        return chosen;
    }

    private long resolve(
            Admin admin,
            TopicPartition where,
            @Nullable StartPoint point,
            @Nullable OffsetAndMetadata committed) {
        long first = offset(admin, where, OffsetSpec.earliest());
        long end = offset(admin, where, OffsetSpec.latest());
        long wanted = end;
        if (committed != null && target.shiftBy != null) {
            wanted = committed.offset() + target.shiftBy;
        } else if (point instanceof StartPoint.Offset at) {
            wanted = at.offset();
        } else if (point instanceof StartPoint.BeforeEnd before) {
            wanted = end - before.records();
        } else if (point instanceof StartPoint.Beginning) {
            wanted = first;
        } else if (point instanceof StartPoint.At at) {
            long found = offset(admin, where, OffsetSpec.forTimestamp(at.timestampMs()));
            wanted = found < 0 ? end : found;
        }
        return Math.max(first, Math.min(end, wanted));
    }

    private static long offset(Admin admin, TopicPartition where, OffsetSpec spec) {
        var found = get(admin.listOffsets(Map.of(where, spec)).all()).get(where);
        return found == null ? -1 : found.offset();
    }
}
