package cases;

import static cases.Testbed.*;

import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.*;
import org.apache.kafka.common.serialization.*;

import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;

/** Groups: sharing, rebalancing, committing, lag. */
final class GroupCases {
    private GroupCases() {}

    static Map<String, Testbed.Case> all() {
        Map<String, Testbed.Case> cases = new LinkedHashMap<>();
        cases.put("rebalance", name -> rebalance(name, RangeAssignor.class.getName()));
        cases.put(
                "rebalance-cooperative",
                name -> rebalance(name, CooperativeStickyAssignor.class.getName()));
        cases.put("commit-resume", GroupCases::commitResume);
        cases.put("lag", GroupCases::lag);
        cases.put("static-member", GroupCases::staticMember);
        cases.put("groups", GroupCases::groups);
        cases.put("group-offsets", GroupCases::groupOffsets);
        return cases;
    }

    private static void rebalance(String name, String assignor) throws Exception {
        makeTopic(name, 4, Map.of());
        send(name, 40, Map.of());
        Map<String, Object> settings =
                Map.of("group.id", name, "partition.assignment.strategy", assignor);
        try (KafkaConsumer<String, String> first = consumer(settings)) {
            first.subscribe(List.of(name));
            read(first, 40);
            equal(4, first.assignment().size(), "partitions of the only member");
            try (KafkaConsumer<String, String> second = consumer(settings)) {
                second.subscribe(List.of(name));
                await(
                        () -> {
                            first.poll(Duration.ofMillis(50));
                            second.poll(Duration.ofMillis(50));
                            return first.assignment().size() == 2
                                    && second.assignment().size() == 2;
                        },
                        "two members do not share the partitions");
                Set<TopicPartition> both = new HashSet<>(first.assignment());
                both.addAll(second.assignment());
                equal(4, both.size(), "partitions of both members");
            }
            await(
                    () -> {
                        first.poll(Duration.ofMillis(50));
                        return first.assignment().size() == 4;
                    },
                    "the partitions of a member that left are not taken over");
        }
    }

    private static void commitResume(String name) throws Exception {
        makeTopic(name, 1, Map.of());
        send(name, 20, Map.of());
        TopicPartition where = new TopicPartition(name, 0);
        try (KafkaConsumer<String, String> consumer = consumer(Map.of("group.id", name))) {
            consumer.subscribe(List.of(name));
            read(consumer, 20);
            consumer.commitSync(Map.of(where, new OffsetAndMetadata(7, "note")));
        }
        try (KafkaConsumer<String, String> consumer = consumer(Map.of("group.id", name))) {
            consumer.subscribe(List.of(name));
            equal(7L, read(consumer, 13).get(0).offset(), "first offset after the commit");
            equal("note", consumer.committed(Set.of(where)).get(where).metadata(), "metadata");
        }
    }

    private static void lag(String name) throws Exception {
        makeTopic(name, 1, Map.of());
        send(name, 20, Map.of());
        TopicPartition where = new TopicPartition(name, 0);
        admin.alterConsumerGroupOffsets(name, Map.of(where, new OffsetAndMetadata(5))).all().get();
        long committed =
                admin.listConsumerGroupOffsets(name)
                        .partitionsToOffsetAndMetadata()
                        .get()
                        .get(where)
                        .offset();
        long end =
                admin.listOffsets(Map.of(where, OffsetSpec.latest()))
                        .all()
                        .get()
                        .get(where)
                        .offset();
        equal(15L, end - committed, "lag");
    }

    private static void staticMember(String name) throws Exception {
        makeTopic(name, 2, Map.of());
        send(name, 10, Map.of());
        Map<String, Object> settings = Map.of("group.id", name, "group.instance.id", "one");
        KafkaConsumer<String, String> first = consumer(settings);
        first.subscribe(List.of(name));
        read(first, 10);
        int generation = first.groupMetadata().generationId();
        first.close(Duration.ofSeconds(1));
        try (KafkaConsumer<String, String> again = consumer(settings)) {
            again.subscribe(List.of(name));
            await(
                    () -> {
                        again.poll(Duration.ofMillis(50));
                        return again.assignment().size() == 2;
                    },
                    "a static member does not get its partitions back");
            equal(
                    generation,
                    again.groupMetadata().generationId(),
                    "generation after a static member's return");
            check(
                    admin
                            .describeConsumerGroups(List.of(name))
                            .all()
                            .get()
                            .get(name)
                            .members()
                            .stream()
                            .anyMatch(m -> m.groupInstanceId().equals(Optional.of("one"))),
                    "no instance id");
        }
        admin.removeMembersFromConsumerGroup(
                        name,
                        new RemoveMembersFromConsumerGroupOptions(
                                List.of(new MemberToRemove("one"))))
                .all()
                .get();
    }

    private static void groups(String name) throws Exception {
        makeTopic(name, 1, Map.of());
        send(name, 3, Map.of());
        try (KafkaConsumer<String, String> consumer =
                consumer(Map.of("group.id", name, "client.id", "me"))) {
            consumer.subscribe(List.of(name));
            read(consumer, 3);
            consumer.commitSync();
            ConsumerGroupDescription group =
                    admin.describeConsumerGroups(List.of(name)).all().get().get(name);
            equal("Stable", group.state().toString(), "state");
            equal(1, group.members().size(), "members");
            equal(
                    Set.of(new TopicPartition(name, 0)),
                    group.members().iterator().next().assignment().topicPartitions(),
                    "assignment");
            expect(
                    GroupNotEmptyException.class,
                    () -> admin.deleteConsumerGroups(List.of(name)).all().get());
        }
        settles(
                () ->
                        admin.listConsumerGroups().all().get().stream()
                                .anyMatch(group -> group.groupId().equals(name)),
                "the group is not listed");
        // A farewell may be lost with a node: then the member's session has to end.
        settles(() -> deleted(name), "an empty group is not deleted");
        expect(
                GroupIdNotFoundException.class,
                () -> admin.deleteConsumerGroups(List.of(name)).all().get());
    }

    private static boolean deleted(String group) throws Exception {
        try {
            admin.deleteConsumerGroups(List.of(group)).all().get();
        } catch (ExecutionException e) {
            // The answer may be lost with a node; the client asks again, and it is gone already.
            if (!KILLS || !(e.getCause() instanceof GroupIdNotFoundException)) throw e;
        }
        return true;
    }

    private static void groupOffsets(String name) throws Exception {
        makeTopic(name, 2, Map.of());
        TopicPartition zero = new TopicPartition(name, 0);
        TopicPartition one = new TopicPartition(name, 1);
        admin.alterConsumerGroupOffsets(
                        name, Map.of(zero, new OffsetAndMetadata(3), one, new OffsetAndMetadata(4)))
                .all()
                .get();
        equal(
                2,
                admin.listConsumerGroupOffsets(name).partitionsToOffsetAndMetadata().get().size(),
                "offsets");
        admin.deleteConsumerGroupOffsets(name, Set.of(zero)).all().get();
        equal(
                Set.of(one),
                admin.listConsumerGroupOffsets(name).partitionsToOffsetAndMetadata().get().keySet(),
                "offsets that are left");
    }
}
