package cases;

import static cases.Testbed.*;

import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.TopicPartition;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Groups of the consumer protocol (KIP-848): the broker assigns. For clients of 4.x. */
public final class ProtocolCases {
    private ProtocolCases() {}

    /** The cases; found by name, since older clients cannot compile this. */
    public static Map<String, Testbed.Case> all() {
        Map<String, Testbed.Case> cases = new LinkedHashMap<>();
        cases.put("consumer-rebalance", ProtocolCases::rebalance);
        cases.put("consumer-resume", ProtocolCases::resume);
        cases.put("consumer-regex", ProtocolCases::regex);
        cases.put("consumer-static", ProtocolCases::staticMember);
        cases.put("consumer-migration", ProtocolCases::migration);
        cases.put("consumer-describe", ProtocolCases::describe);
        return cases;
    }

    private static KafkaConsumer<String, String> member(String group, Map<String, Object> extra) {
        Map<String, Object> settings = new HashMap<>(extra);
        settings.put("group.id", group);
        settings.put("group.protocol", "consumer");
        Map<String, Object> all = new HashMap<>(settings);
        all.put("bootstrap.servers", bootstrap);
        all.put("auto.offset.reset", "earliest");
        all.put("enable.auto.commit", false);
        var text = new org.apache.kafka.common.serialization.StringDeserializer();
        return new KafkaConsumer<>(all, text, text);
    }

    private static void shareEvenly(
            KafkaConsumer<String, String> first, KafkaConsumer<String, String> second)
            throws Exception {
        await(
                () -> {
                    first.poll(Duration.ofMillis(50));
                    second.poll(Duration.ofMillis(50));
                    return first.assignment().size() == 2 && second.assignment().size() == 2;
                },
                "two members do not share the partitions");
        Set<TopicPartition> both = new HashSet<>(first.assignment());
        both.addAll(second.assignment());
        equal(4, both.size(), "partitions of both members");
    }

    private static void awaitAll(KafkaConsumer<String, String> consumer, int partitions)
            throws Exception {
        await(
                () -> {
                    consumer.poll(Duration.ofMillis(50));
                    return consumer.assignment().size() == partitions;
                },
                "a member does not get " + partitions + " partitions");
    }

    private static void rebalance(String name) throws Exception {
        makeTopic(name, 4, Map.of());
        send(name, 40, Map.of());
        try (KafkaConsumer<String, String> first = member(name, Map.of())) {
            first.subscribe(List.of(name));
            read(first, 40);
            try (KafkaConsumer<String, String> second =
                    member(name, Map.of("group.remote.assignor", "uniform"))) {
                second.subscribe(List.of(name));
                shareEvenly(first, second);
            }
            awaitAll(first, 4);
        }
    }

    private static void resume(String name) throws Exception {
        makeTopic(name, 1, Map.of());
        send(name, 20, Map.of());
        TopicPartition where = new TopicPartition(name, 0);
        try (KafkaConsumer<String, String> consumer = member(name, Map.of())) {
            consumer.subscribe(List.of(name));
            read(consumer, 20);
            consumer.commitSync(Map.of(where, new OffsetAndMetadata(7)));
        }
        try (KafkaConsumer<String, String> consumer = member(name, Map.of())) {
            consumer.subscribe(List.of(name));
            equal(7L, read(consumer, 13).get(0).offset(), "first offset after the commit");
        }
    }

    private static void regex(String name) throws Exception {
        makeTopic(name + "-a", 1, Map.of());
        try (KafkaConsumer<String, String> consumer =
                member(name, Map.of("metadata.max.age.ms", 1000))) {
            consumer.subscribe(new SubscriptionPattern(name + "-[ab]"));
            awaitAll(consumer, 1);
            makeTopic(name + "-b", 2, Map.of());
            makeTopic(name + "-c", 2, Map.of());
            awaitAll(consumer, 3);
        }
    }

    private static void staticMember(String name) throws Exception {
        makeTopic(name, 2, Map.of());
        Map<String, Object> settings = Map.of("group.instance.id", "one");
        KafkaConsumer<String, String> first = member(name, settings);
        first.subscribe(List.of(name));
        awaitAll(first, 2);
        first.close(CloseOptions.timeout(Duration.ofSeconds(2)));
        try (KafkaConsumer<String, String> again = member(name, settings)) {
            again.subscribe(List.of(name));
            awaitAll(again, 2);
            equal(
                    "one",
                    admin.describeConsumerGroups(List.of(name))
                            .all()
                            .get()
                            .get(name)
                            .members()
                            .iterator()
                            .next()
                            .groupInstanceId()
                            .orElse(""),
                    "instance id");
        }
    }

    private static void migration(String name) throws Exception {
        makeTopic(name, 4, Map.of());
        try (KafkaConsumer<String, String> classic = consumer(Map.of("group.id", name))) {
            classic.subscribe(List.of(name));
            awaitAll(classic, 4);
            try (KafkaConsumer<String, String> modern = member(name, Map.of())) {
                modern.subscribe(List.of(name));
                shareEvenly(classic, modern);
                equal(GroupType.CONSUMER, group(name).type(), "type with members of both");
            }
            awaitAll(classic, 4);
        }
    }

    private static void describe(String name) throws Exception {
        makeTopic(name, 2, Map.of());
        try (KafkaConsumer<String, String> consumer = member(name, Map.of())) {
            consumer.subscribe(List.of(name));
            awaitAll(consumer, 2);
            ConsumerGroupDescription group = group(name);
            equal(GroupType.CONSUMER, group.type(), "type");
            equal(GroupState.STABLE, group.groupState(), "state");
            equal("uniform", group.partitionAssignor(), "assignor");
            equal(
                    2,
                    group.members().iterator().next().assignment().topicPartitions().size(),
                    "partitions of the member");
            settles(
                    () ->
                            admin.listGroups().all().get().stream()
                                    .anyMatch(each ->
                                            each.groupId().equals(name)
                                                    && each.type()
                                                            .equals(
                                                                    java.util.Optional.of(
                                                                            GroupType.CONSUMER))),
                    "it is not listed with its type");
        }
    }

    private static ConsumerGroupDescription group(String name) throws Exception {
        return admin.describeConsumerGroups(List.of(name)).all().get().get(name);
    }
}
