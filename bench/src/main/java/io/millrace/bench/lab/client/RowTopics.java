package io.millrace.bench.lab.client;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
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
     * Makes the topics of rows, and gives their queues settings. Blocks.
     *
     * @param configs of the topics
     */
    public static void make(
            String bootstrap, List<Row> rows, int replicas, Map<String, String> configs)
            throws IOException, InterruptedException {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            var topics = new ArrayList<NewTopic>();
            for (Row row : rows) {
                topics.add(topic(row.topic(), replicas, configs));
                if (!row.lastTopic().equals(row.topic())) {
                    topics.add(topic(row.lastTopic(), replicas, configs));
                }
            }
            admin.createTopics(topics).all().get();
            for (Row row : rows) {
                if (row.guarantee().consuming().isQueue()) {
                    admin.incrementalAlterConfigs(queueSettings(row)).all().get();
                }
            }
        } catch (ExecutionException e) {
            throw new IOException("the topics were not made: " + e.getMessage(), e);
        }
    }

    private static NewTopic topic(String name, int replicas, Map<String, String> configs) {
        return new NewTopic(name, Row.PARTITIONS, (short) replicas).configs(configs);
    }

    private static Map<ConfigResource, Collection<AlterConfigOp>> queueSettings(Row row) {
        var settings =
                Map.of(
                        "share.auto.offset.reset", "earliest",
                        "share.record.lock.duration.ms", Integer.toString(LOCK_MS),
                        "share.isolation.level", "read_committed");
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
