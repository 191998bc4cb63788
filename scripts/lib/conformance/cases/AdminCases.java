package cases;

import static cases.Testbed.*;

import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.*;
import org.apache.kafka.common.serialization.*;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What an operator asks and sets. */
final class AdminCases {
    private AdminCases() {}

    static Map<String, Testbed.Case> all() {
        Map<String, Testbed.Case> cases = new LinkedHashMap<>();
        cases.put("configs", AdminCases::configs);
        cases.put("delete-records", AdminCases::deleteRecords);
        cases.put("log-dirs", AdminCases::logDirs);
        cases.put("producers", AdminCases::producers);
        cases.put("cluster", AdminCases::cluster);
        return cases;
    }

    private static void configs(String name) throws Exception {
        makeTopic(name, 1, Map.of());
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, name);
        admin.incrementalAlterConfigs(
                        Map.of(
                                topic,
                                List.of(
                                        new AlterConfigOp(
                                                new ConfigEntry("retention.ms", "5000000"),
                                                AlterConfigOp.OpType.SET),
                                        new AlterConfigOp(
                                                new ConfigEntry("cleanup.policy", "compact"),
                                                AlterConfigOp.OpType.APPEND))))
                .all()
                .get();
        settles(
                () -> config(topic).get("retention.ms").value().equals("5000000"),
                "retention.ms is not what was set");
        settles(
                () -> config(topic).get("cleanup.policy").value().equals("delete,compact"),
                "cleanup.policy is not what was appended to");
        settles(
                () ->
                        config(topic).get("retention.ms").source()
                                == ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG,
                "a value that was set has another source");
        admin.incrementalAlterConfigs(
                        Map.of(
                                topic,
                                List.of(
                                        new AlterConfigOp(
                                                new ConfigEntry("retention.ms", ""),
                                                AlterConfigOp.OpType.DELETE))))
                .all()
                .get();
        settles(
                () -> config(topic).get("retention.ms").isDefault(),
                "a deleted value is still set");
        expect(
                InvalidConfigurationException.class,
                () ->
                        admin.incrementalAlterConfigs(
                                        Map.of(
                                                topic,
                                                List.of(
                                                        new AlterConfigOp(
                                                                new ConfigEntry(
                                                                        "retention.ms", "soon"),
                                                                AlterConfigOp.OpType.SET))))
                                .all()
                                .get());
        expect(
                InvalidConfigurationException.class,
                () ->
                        admin.incrementalAlterConfigs(
                                        Map.of(
                                                topic,
                                                List.of(
                                                        new AlterConfigOp(
                                                                new ConfigEntry("no.such.key", "1"),
                                                                AlterConfigOp.OpType.SET))))
                                .all()
                                .get());
        settles(
                () -> config(anyNode()).get("num.partitions") != null,
                "a broker without num.partitions");
    }

    private static ConfigResource anyNode() throws Exception {
        return new ConfigResource(
                ConfigResource.Type.BROKER,
                admin.describeCluster().nodes().get().iterator().next().idString());
    }

    private static Config config(ConfigResource resource) throws Exception {
        return admin.describeConfigs(List.of(resource), new DescribeConfigsOptions().timeoutMs(5000))
                .all()
                .get()
                .get(resource);
    }

    private static void deleteRecords(String name) throws Exception {
        makeTopic(name, 1, Map.of());
        send(name, 20, Map.of());
        TopicPartition where = new TopicPartition(name, 0);
        equal(
                8L,
                admin.deleteRecords(Map.of(where, RecordsToDelete.beforeOffset(8)))
                        .lowWatermarks()
                        .get(where)
                        .get()
                        .lowWatermark(),
                "low watermark");
        settles(
                () ->
                        admin.listOffsets(Map.of(where, OffsetSpec.earliest()))
                                        .all()
                                        .get()
                                        .get(where)
                                        .offset()
                                == 8,
                "earliest is not where was deleted to");
        equal(8L, readAll(name, 0, 12).get(0).offset(), "first offset");
        expect(
                org.apache.kafka.common.errors.OffsetOutOfRangeException.class,
                () ->
                        admin.deleteRecords(Map.of(where, RecordsToDelete.beforeOffset(99)))
                                .all()
                                .get());
    }

    private static void logDirs(String name) throws Exception {
        makeTopic(name, 1, Map.of());
        send(name, 10, Map.of());
        settles(() -> hasSize(new TopicPartition(name, 0)), "the partition has no size");
    }

    private static boolean hasSize(TopicPartition where) throws Exception {
        int node = admin.describeCluster().nodes().get().iterator().next().id();
        var options = new DescribeLogDirsOptions().timeoutMs(5000);
        return admin
                .describeLogDirs(List.of(node), options)
                .allDescriptions()
                .get()
                .get(node)
                .values()
                .stream()
                .map(dir -> dir.replicaInfos().get(where))
                .anyMatch(replica -> replica != null && replica.size() > 0);
    }

    private static void producers(String name) throws Exception {
        makeTopic(name, 1, Map.of());
        send(name, 10, Map.of("enable.idempotence", true));
        TopicPartition where = new TopicPartition(name, 0);
        equal(
                1,
                admin.describeProducers(List.of(where))
                        .partitionResult(where)
                        .get()
                        .activeProducers()
                        .size(),
                "producers");
    }

    private static void cluster(String name) throws Exception {
        DescribeClusterResult cluster =
                admin.describeCluster(
                        new DescribeClusterOptions().includeAuthorizedOperations(true));
        check(!cluster.clusterId().get().isEmpty(), "no cluster id");
        settles(
                () -> admin.describeCluster().nodes().get().size() == NODES,
                "not as many nodes as there are");
        check(cluster.controller().get() != null, "no controller");
        check(!cluster.authorizedOperations().get().isEmpty(), "no authorized operations");
        admin.describeFeatures().featureMetadata().get();
        admin.listPartitionReassignments().reassignments().get();
    }
}
