package io.millrace.bench.lab.client;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;

/** What rows need of the brokers that they run on. */
public final class RowTopics {
    private static final int LOCK_MS = 10_000;

    private RowTopics() {}

    /** Settings of a broker whose groups are to be soon aware of members that crash. */
    public static List<String> brokerSettings() {
        var settings = new ArrayList<String>();
        settings.add("group.initial.rebalance.delay.ms=100");
        settings.add("offsets.topic.num.partitions=4");
        settings.add("transaction.state.log.num.partitions=4");
        settings.add("group.share.min.record.lock.duration.ms=" + LOCK_MS);
        for (String kind : List.of("consumer", "share")) {
            for (String which : List.of("", "min.")) {
                String key = "group." + kind + "." + which;
                settings.add(key + "session.timeout.ms=" + Clients.SESSION_MS);
                settings.add(key + "heartbeat.interval.ms=" + Clients.BEAT_MS);
            }
        }
        return settings;
    }

    /**
     * What topics and queues are to be like.
     *
     * @param replicas of each topic
     * @param topic settings of each topic
     * @param queue settings of each queue, besides those that all have
     */
    public record Wishes(int replicas, Map<String, String> topic, Map<String, String> queue) {}

    /** Makes the topics of rows, and gives their queues settings. Blocks. */
    public static void make(String bootstrap, List<Row> rows, Wishes wishes)
            throws IOException, InterruptedException {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            var topics = new ArrayList<NewTopic>();
            for (Row row : rows) {
                topics.add(topic(row.topic(), wishes));
                if (!row.lastTopic().equals(row.topic())) {
                    topics.add(topic(row.lastTopic(), wishes));
                }
            }
            admin.createTopics(topics).all().get();
            for (Row row : rows) {
                if (row.guarantee().consuming().isQueue()) {
                    admin.incrementalAlterConfigs(queueSettings(row, wishes)).all().get();
                }
            }
        } catch (ExecutionException e) {
            throw new IOException("the topics were not made: " + e.getMessage(), e);
        }
    }

    private static NewTopic topic(String name, Wishes wishes) {
        return new NewTopic(name, Row.PARTITIONS, (short) wishes.replicas())
                .configs(wishes.topic());
    }

    private static Map<ConfigResource, Collection<AlterConfigOp>> queueSettings(
            Row row, Wishes wishes) {
        var settings = new TreeMap<>(wishes.queue());
        settings.put("share.auto.offset.reset", "earliest");
        settings.put("share.record.lock.duration.ms", Integer.toString(LOCK_MS));
        settings.put("share.isolation.level", "read_committed");
        return Map.of(
                new ConfigResource(ConfigResource.Type.GROUP, row.group()),
                settings.entrySet().stream()
                        .map(setting ->
                                new AlterConfigOp(
                                        new ConfigEntry(setting.getKey(), setting.getValue()),
                                        AlterConfigOp.OpType.SET))
                        .toList());
    }
}
