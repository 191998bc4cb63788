package io.millrace.broker.handler.queue;

import io.millrace.broker.coordinator.QueueCoordinator.Gathered;
import io.millrace.broker.handler.peer.LogEnds;
import io.millrace.broker.handler.peer.LogEnds.LogEnd;
import io.millrace.broker.handler.peer.QueueRouter;
import io.millrace.broker.loop.Partition;
import io.millrace.broker.loop.PartitionDirectory;
import io.millrace.broker.loop.PartitionDirectory.HostedTopic;
import io.millrace.broker.queue.model.QueueView;
import io.millrace.broker.queue.model.Traits;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * What a group's queues look like now, as JSON: for whoever looks in from outside. Kafka's protocol
 * has no request for it; it is read as a group's setting that cannot be set. Thread-safe.
 */
public final class QueueStatus {
    /** What is told of a group that has no queues. */
    public static final String NOTHING = "[]";

    private static final int MOST_PARTITIONS = 1000;

    private final QueueRouter queues;
    private final PartitionDirectory directory;
    private final LogEnds ends;

    public QueueStatus(QueueRouter queues, PartitionDirectory directory, LogEnds ends) {
        this.queues = queues;
        this.directory = directory;
        this.ends = ends;
    }

    private static final class Line {
        final String topic;
        final int index;
        final QueueView view;
        long logEnd = -1;

        Line(String topic, int index, QueueView view) {
            this.topic = topic;
            this.index = index;
            this.view = view;
        }
    }

    /**
     * Draws the queues of a group.
     *
     * @param then given a JSON array, empty if the group has no queues; on one of the loops
     */
    public void of(String group, Consumer<String> then) {
        queues.views(group, (found, why) -> gathered(found, then));
    }

    private void gathered(List<Gathered<QueueView>> found, Consumer<String> then) {
        var lines = new LinkedHashMap<Partition, Line>();
        for (Gathered<QueueView> each : found) {
            HostedTopic topic = directory.topic(each.key().topicId());
            Partition partition = topic == null ? null : topic.partition(each.key().partition());
            if (topic != null && partition != null && lines.size() < MOST_PARTITIONS) {
                lines.put(partition, new Line(topic.name(), each.key().partition(), each.value()));
            }
        }
        ends.of(
                lines.keySet(),
                known -> {
                    lines.forEach((partition, line) -> {
                        LogEnd end = known.get(partition.id());
                        line.logEnd = end == null ? -1 : end.offset();
                    });
                    then.accept(json(lines.values()));
                });
    }

    private static String json(Collection<Line> lines) {
        var json = new StringBuilder("[");
        for (Line line : lines) {
            QueueView.Counts counts = line.view.counts();
            long nextDueMs = line.view.nextDueMs();
            json.append(json.length() > 1 ? "," : "")
                    .append(field("{", "topic"))
                    .append('"')
                    .append(line.topic)
                    .append('"')
                    .append(field(",", "partition"))
                    .append(line.index)
                    .append(field(",", "start"))
                    .append(line.view.offsets().start())
                    .append(field(",", "end"))
                    .append(line.view.offsets().end())
                    .append(field(",", "logEnd"))
                    .append(line.logEnd)
                    .append(field(",", "available"))
                    .append(counts.available())
                    .append(field(",", "acquired"))
                    .append(counts.acquired())
                    .append(field(",", "resting"))
                    .append(counts.resting())
                    .append(field(",", "waiting"))
                    .append(counts.waiting())
                    .append(field(",", "dead"))
                    .append(counts.dead())
                    .append(field(",", "nextDueMs"))
                    .append(nextDueMs == Traits.NEVER ? -1 : nextDueMs)
                    .append(field(",", "records"))
                    .append('[');
            addHeld(json, line.view.held());
            json.append("]}");
        }
        return json.append(']').toString();
    }

    private static String field(String before, String name) {
        return before + '"' + name + "\":";
    }

    private static void addHeld(StringBuilder json, List<QueueView.One> held) {
        String before = "{";
        for (QueueView.One one : held) {
            json.append(field(before, "offset"))
                    .append(one.offset())
                    .append(field(",", "state"))
                    .append('"')
                    .append(one.phase().name().toLowerCase(Locale.ROOT))
                    .append('"')
                    .append(field(",", "deliveries"))
                    .append(one.deliveries())
                    .append(field(",", "member"))
                    .append('"')
                    .append(safe(one.member()))
                    .append('"')
                    .append(field(",", "untilMs"))
                    .append(one.untilMs())
                    .append('}');
            before = ",{";
        }
    }

    /** Member ids are the clients' own; what could end the string is left out. */
    private static String safe(String member) {
        var safe = new StringBuilder();
        member.chars()
                .filter(c -> c > ' ' && c != '"' && c != '\\' && c < 127)
                .forEach(c -> safe.append((char) c));
        return safe.toString();
    }
}
