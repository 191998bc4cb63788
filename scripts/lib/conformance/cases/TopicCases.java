package cases;

import static cases.Testbed.*;

import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.*;
import org.apache.kafka.common.serialization.*;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Topics: made, described, grown, refused and deleted. */
final class TopicCases {
    private TopicCases() {}

    static Map<String, Testbed.Case> all() {
        Map<String, Testbed.Case> cases = new LinkedHashMap<>();
        cases.put("create", TopicCases::create);
        cases.put("describe", TopicCases::describe);
        cases.put("delete", TopicCases::delete);
        cases.put("create-partitions", TopicCases::createPartitions);
        cases.put("unknown-topic", TopicCases::unknownTopic);
        cases.put("auto-create", TopicCases::autoCreate);
        cases.put("bad-topics", TopicCases::badTopics);
        return cases;
    }

    private static void create(String name) throws Exception {
        CreateTopicsResult result =
                admin.createTopics(
                        List.of(
                                new NewTopic(name, 3, REPLICAS)
                                        .configs(Map.of("retention.ms", "123456"))));
        equal(3, result.numPartitions(name).get(), "partitions");
        equal("123456", result.config(name).get().get("retention.ms").value(), "retention.ms");
        expect(
                TopicExistsException.class,
                () -> admin.createTopics(List.of(new NewTopic(name, 1, REPLICAS))).all().get());
        await(() -> admin.listTopics().names().get().contains(name), "the topic is not listed");
    }

    private static void describe(String name) throws Exception {
        makeTopic(name, 2, Map.of());
        TopicDescription topic =
                admin.describeTopics(List.of(name)).allTopicNames().get().get(name);
        equal(2, topic.partitions().size(), "partitions");
        equal((int) REPLICAS, topic.partitions().get(0).replicas().size(), "replicas");
        settles(
                () ->
                        admin.describeTopics(List.of(name))
                                        .allTopicNames()
                                        .get()
                                        .get(name)
                                        .partitions()
                                        .get(0)
                                        .leader()
                                != null,
                "no leader");
        settles(() -> nameOf(topic.topicId()).equals(name), "another name by id");
        expect(
                UnknownTopicOrPartitionException.class,
                () -> admin.describeTopics(List.of(name + "x")).allTopicNames().get());
    }

    private static String nameOf(org.apache.kafka.common.Uuid id) throws Exception {
        var ids = org.apache.kafka.common.TopicCollection.ofTopicIds(List.of(id));
        return admin.describeTopics(ids).allTopicIds().get().get(id).name();
    }

    private static void delete(String name) throws Exception {
        makeTopic(name, 1, Map.of());
        send(name, 5, Map.of());
        admin.deleteTopics(List.of(name)).all().get();
        await(
                () -> !admin.listTopics().names().get().contains(name),
                "a deleted topic is still listed");
        expect(
                UnknownTopicOrPartitionException.class,
                () -> admin.deleteTopics(List.of(name)).all().get());
        makeTopic(name, 1, Map.of());
        TopicPartition where = new TopicPartition(name, 0);
        settles(
                () ->
                        admin.listOffsets(Map.of(where, OffsetSpec.latest()))
                                        .all()
                                        .get()
                                        .get(where)
                                        .offset()
                                == 0,
                "a topic made again does not begin at 0");
    }

    private static void createPartitions(String name) throws Exception {
        makeTopic(name, 1, Map.of());
        admin.createPartitions(Map.of(name, NewPartitions.increaseTo(4))).all().get();
        await(
                () ->
                        admin.describeTopics(List.of(name))
                                        .allTopicNames()
                                        .get()
                                        .get(name)
                                        .partitions()
                                        .size()
                                == 4,
                "partitions are not added");
        expect(
                InvalidPartitionsException.class,
                () ->
                        admin.createPartitions(Map.of(name, NewPartitions.increaseTo(2)))
                                .all()
                                .get());
        send(name, 100, Map.of());
    }

    private static void unknownTopic(String name) throws Exception {
        try (KafkaConsumer<String, String> consumer =
                consumer(
                        Map.of(
                                "allow.auto.create.topics",
                                false,
                                "default.api.timeout.ms",
                                3000))) {
            check(
                    consumer.partitionsFor(name, Duration.ofSeconds(3)) == null
                            || consumer.partitionsFor(name).isEmpty(),
                    "partitions of a topic that is not there");
        } catch (UnknownTopicOrPartitionException expected) {
            return;
        }
        check(
                !admin.listTopics().names().get().contains(name),
                "a topic that was only asked for was made");
    }

    private static void autoCreate(String name) throws Exception {
        send(name, 3, Map.of());
        equal(3, readAll(name, 0, 3).size(), "records");
    }

    private static void badTopics(String name) throws Exception {
        for (String bad : List.of("../../x", "a/b", "a b", "x".repeat(250), ".")) {
            expect(
                    InvalidTopicException.class,
                    () -> admin.createTopics(List.of(new NewTopic(bad, 1, (short) 1))).all().get());
        }
        expect(
                InvalidPartitionsException.class,
                () -> admin.createTopics(List.of(new NewTopic(name, 0, (short) 1))).all().get());
        expect(
                InvalidReplicationFactorException.class,
                () -> admin.createTopics(List.of(new NewTopic(name, 1, (short) 5))).all().get());
        expect(
                InvalidConfigurationException.class,
                () ->
                        admin.createTopics(
                                        List.of(
                                                new NewTopic(name, 1, (short) 1)
                                                        .configs(Map.of("nonsense", "1"))))
                                .all()
                                .get());
        admin.createTopics(
                        List.of(new NewTopic(name, 1, REPLICAS)),
                        new CreateTopicsOptions().validateOnly(true))
                .all()
                .get();
        check(!admin.listTopics().names().get().contains(name), "a validated topic was made");
    }
}
