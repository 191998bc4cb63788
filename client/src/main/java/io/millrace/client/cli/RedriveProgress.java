package io.millrace.client.cli;

import static io.millrace.client.cli.Connection.get;

import io.millrace.client.cli.text.CliException;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Up to where dead letters were sent again: a setting of the group, which does not expire as
 * committed offsets do. It names the topic's id, so that it does not hold for another of that name.
 * Mutable; used by one thread.
 */
final class RedriveProgress {
    static final String SETTING = "millrace.queue.redriven";

    private final Admin admin;
    private final String group;
    private final String topicId;
    private final SortedMap<Integer, Long> next;

    private RedriveProgress(
            Admin admin, String group, String topicId, SortedMap<Integer, Long> next) {
        this.admin = admin;
        this.group = group;
        this.topicId = topicId;
        this.next = next;
    }

    /** As it is kept now. */
    static RedriveProgress of(Admin admin, DeadLetterTopic letters) {
        String topicId = topicId(admin, letters.topic());
        String kept = QueueStatus.of(admin, letters.group()).setting(SETTING);
        return new RedriveProgress(admin, letters.group(), topicId, parse(kept, topicId));
    }

    /** Empty if there is no such topic: it is made for the first letter. */
    private static String topicId(Admin admin, String topic) {
        try {
            var found = get(admin.describeTopics(List.of(topic)).allTopicNames()).get(topic);
            return found == null ? "" : found.topicId().toString();
        } catch (UnknownTopicOrPartitionException e) {
            return "";
        }
    }

    /** Reads {@code ID:PARTITION=OFFSET,...}; nothing if it is of another topic. */
    static SortedMap<Integer, Long> parse(String kept, String topicId) {
        var next = new TreeMap<Integer, Long>();
        String start = topicId + ":";
        if (!kept.startsWith(start)) {
            return next;
        }
        for (String each : kept.substring(start.length()).split(",", -1)) {
            if (!each.matches("\\d{1,9}=\\d{1,18}")) {
                throw new CliException("%s is not understood: %s".formatted(SETTING, kept));
            }
            int split = each.indexOf('=');
            next.put(
                    Integer.parseInt(each.substring(0, split)),
                    Long.parseLong(each.substring(split + 1)));
        }
        return next;
    }

    /** The first letter of a partition that was not sent again; 0 if none was. */
    long from(TopicPartition partition) {
        return next.getOrDefault(partition.partition(), 0L);
    }

    /** All before an offset were sent again; kept when it returns. */
    void reached(TopicPartition partition, long offset) {
        next.put(partition.partition(), offset);
        String value =
                next.entrySet().stream()
                        .map(each -> each.getKey() + "=" + each.getValue())
                        .collect(Collectors.joining(",", topicId + ":", ""));
        var resource = new ConfigResource(ConfigResource.Type.GROUP, group);
        var change = new AlterConfigOp(new ConfigEntry(SETTING, value), AlterConfigOp.OpType.SET);
        get(admin.incrementalAlterConfigs(Map.of(resource, List.of(change))).all());
    }
}
