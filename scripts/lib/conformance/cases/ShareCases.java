package cases;

import static cases.Testbed.*;

import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Share groups (KIP-932): queues. For clients of 4.x. */
public final class ShareCases {
    private ShareCases() {}

    /** The cases; found by name, since older clients cannot compile this. */
    public static Map<String, Testbed.Case> all() {
        Map<String, Testbed.Case> cases = new LinkedHashMap<>();
        cases.put("share-implicit", ShareCases::implicit);
        cases.put("share-explicit", name -> unlessLost(name, ShareCases::explicit));
        cases.put("share-release", name -> unlessLost(name, ShareCases::release));
        cases.put("share-renew", name -> unlessLost(name, ShareCases::renew));
        cases.put("share-two", ShareCases::two);
        cases.put("share-describe", ShareCases::describe);
        cases.put("share-offsets", ShareCases::offsets);
        return cases;
    }

    /** The member was told that its acknowledgements were not taken. */
    private static final class Lost extends AssertionError {
        Lost() {
            super("acknowledgements failed");
        }
    }

    /** What a node that is killed had given out, nobody can acknowledge any more: begun anew then. */
    private static void unlessLost(String name, Testbed.Case body) throws Exception {
        for (int attempt = 1; ; attempt++) {
            try {
                body.run(name + "-" + attempt);
                return;
            } catch (Lost e) {
                if (!KILLS || attempt == 3) throw e;
            }
        }
    }

    private static void commit(KafkaShareConsumer<String, String> member) {
        if (!member.commitSync().values().stream().allMatch(Optional::isEmpty)) throw new Lost();
    }

    /** A topic with records, and a group that begins with the first of them. */
    private static void prepare(String name, int records) throws Exception {
        makeTopic(name, 1, Map.of());
        set(name, "share.auto.offset.reset", "earliest");
        send(name, records, Map.of());
    }

    private static void set(String group, String key, String value) throws Exception {
        admin.incrementalAlterConfigs(
                        Map.of(
                                new ConfigResource(ConfigResource.Type.GROUP, group),
                                List.of(
                                        new AlterConfigOp(
                                                new ConfigEntry(key, value),
                                                AlterConfigOp.OpType.SET))))
                .all()
                .get();
    }

    private static KafkaShareConsumer<String, String> member(String name, String mode) {
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", bootstrap);
        settings.put("group.id", name);
        settings.put("share.acknowledgement.mode", mode);
        var text = new org.apache.kafka.common.serialization.StringDeserializer();
        KafkaShareConsumer<String, String> member = new KafkaShareConsumer<>(settings, text, text);
        member.subscribe(List.of(name));
        return member;
    }

    private static List<ConsumerRecord<String, String>> take(
            KafkaShareConsumer<String, String> member, int count) {
        List<ConsumerRecord<String, String>> taken = new ArrayList<>();
        long until = deadline();
        while (taken.size() < count && System.nanoTime() < until) {
            member.poll(Duration.ofMillis(200)).forEach(taken::add);
        }
        check(taken.size() >= count, "expected " + count + " records, got " + taken.size());
        return taken;
    }

    private static void implicit(String name) throws Exception {
        prepare(name, 20);
        try (KafkaShareConsumer<String, String> member = member(name, "implicit")) {
            equal(20, take(member, 20).size(), "records");
            boolean taken = member.commitSync().values().stream().allMatch(Optional::isEmpty);
            check(taken || KILLS, "acknowledgements failed");
            check(
                    !taken || member.poll(Duration.ofMillis(500)).isEmpty(),
                    "a record came twice");
        }
    }

    private static void explicit(String name) throws Exception {
        prepare(name, 3);
        try (KafkaShareConsumer<String, String> member = member(name, "explicit")) {
            List<ConsumerRecord<String, String>> taken = take(member, 3);
            equal(1, (int) taken.get(0).deliveryCount().orElse((short) 0), "first delivery");
            member.acknowledge(taken.get(0), AcknowledgeType.ACCEPT);
            member.acknowledge(taken.get(1), AcknowledgeType.REJECT);
            member.acknowledge(taken.get(2), AcknowledgeType.RELEASE);
            commit(member);
            ConsumerRecord<String, String> again = take(member, 1).get(0);
            equal(taken.get(2).offset(), again.offset(), "offset of what was released");
            equal(2, (int) again.deliveryCount().orElse((short) 0), "second delivery");
            member.acknowledge(again, AcknowledgeType.ACCEPT);
        }
    }

    private static void release(String name) throws Exception {
        prepare(name, 1);
        set(name, "share.delivery.count.limit", "2");
        try (KafkaShareConsumer<String, String> member = member(name, "explicit")) {
            for (int delivery = 1; delivery <= 2; delivery++) {
                ConsumerRecord<String, String> record = take(member, 1).get(0);
                equal(delivery, (int) record.deliveryCount().orElse((short) 0), "delivery");
                member.acknowledge(record, AcknowledgeType.RELEASE);
                commit(member);
            }
            check(member.poll(Duration.ofMillis(700)).isEmpty(), "more deliveries than the limit");
        }
    }

    private static void renew(String name) throws Exception {
        prepare(name, 1);
        try (KafkaShareConsumer<String, String> member = member(name, "explicit")) {
            ConsumerRecord<String, String> record = take(member, 1).get(0);
            member.acknowledge(record, AcknowledgeType.RENEW);
            commit(member);
            List<ConsumerRecord<String, String>> renewed = new ArrayList<>();
            await(
                    () -> {
                        member.poll(Duration.ofMillis(100)).forEach(renewed::add);
                        return !renewed.isEmpty();
                    },
                    "what was renewed is not there to be acknowledged");
            member.acknowledge(renewed.get(0), AcknowledgeType.ACCEPT);
            commit(member);
        }
    }

    private static void two(String name) throws Exception {
        makeTopic(name, 1, Map.of());
        set(name, "share.auto.offset.reset", "earliest");
        Set<Long> seen = new HashSet<>();
        try (KafkaShareConsumer<String, String> first = member(name, "implicit");
                KafkaShareConsumer<String, String> second = member(name, "implicit")) {
            first.poll(Duration.ofMillis(500));
            second.poll(Duration.ofMillis(500));
            for (int round = 0; round < 10; round++) {
                send(name, 20, Map.of());
                poll(first, seen);
                poll(second, seen);
            }
            await(
                    () -> {
                        poll(first, seen);
                        poll(second, seen);
                        return seen.size() == 200;
                    },
                    "two members do not get everything: " + seen.size() + " of 200");
        }
    }

    private static void poll(KafkaShareConsumer<String, String> member, Set<Long> seen) {
        for (ConsumerRecord<String, String> record : member.poll(Duration.ofMillis(50))) {
            // What a node that is killed had given out, the next leader gives out again.
            check(seen.add(record.offset()) || KILLS, "a record was given to both");
        }
    }

    private static void describe(String name) throws Exception {
        prepare(name, 5);
        try (KafkaShareConsumer<String, String> member = member(name, "implicit")) {
            take(member, 5);
            member.commitSync();
            ShareGroupDescription group =
                    admin.describeShareGroups(List.of(name)).all().get().get(name);
            equal(GroupState.STABLE, group.groupState(), "state");
            equal(1, group.members().size(), "members");
        }
    }

    private static void offsets(String name) throws Exception {
        prepare(name, 10);
        TopicPartition where = new TopicPartition(name, 0);
        try (KafkaShareConsumer<String, String> member = member(name, "implicit")) {
            take(member, 10);
            member.commitSync();
        }
        await(
                () -> {
                    try {
                        admin.alterShareGroupOffsets(name, Map.of(where, 4L)).all().get();
                        return true;
                    } catch (java.util.concurrent.ExecutionException e) {
                        return false;
                    }
                },
                "offsets of an empty group cannot be altered");
        equal(4L, startOffset(name, where), "start offset");
        try (KafkaShareConsumer<String, String> member = member(name, "implicit")) {
            equal(4L, take(member, 6).get(0).offset(), "first offset");
        }
        await(
                () -> {
                    try {
                        admin.deleteShareGroups(List.of(name)).all().get();
                        return true;
                    } catch (java.util.concurrent.ExecutionException e) {
                        return false;
                    }
                },
                "an empty group cannot be deleted");
    }

    private static long startOffset(String name, TopicPartition where) throws Exception {
        var found =
                admin.listShareGroupOffsets(Map.of(name, new ListShareGroupOffsetsSpec()))
                        .all()
                        .get()
                        .get(name)
                        .get(where);
        return found == null ? -1 : found.startOffset();
    }
}
