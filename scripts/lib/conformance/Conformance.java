import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.*;
import org.apache.kafka.common.serialization.*;

/** What a Java client expects of a broker, case by case. One source for the clients of 3.x and 4.x. */
public final class Conformance {
    private static String bootstrap;
    private static Admin admin;

    private interface Case {
        void run(String name) throws Exception;
    }

    public static void main(String[] args) throws Exception {
        bootstrap = args[0];
        Map<String, Case> cases = new LinkedHashMap<>();
        cases.put("create", Conformance::create);
        cases.put("describe", Conformance::describe);
        for (String codec : List.of("none", "gzip", "snappy", "lz4", "zstd")) {
            cases.put("produce-" + codec, name -> produce(name, codec));
        }
        cases.put("consume-beginning", Conformance::consumeBeginning);
        cases.put("consume-end", Conformance::consumeEnd);
        cases.put("consume-timestamp", Conformance::consumeTimestamp);
        cases.put("rebalance", name -> rebalance(name, RangeAssignor.class.getName()));
        cases.put("rebalance-cooperative", name -> rebalance(name, CooperativeStickyAssignor.class.getName()));
        cases.put("commit-resume", Conformance::commitResume);
        cases.put("lag", Conformance::lag);
        cases.put("delete", Conformance::delete);
        cases.put("idempotent", Conformance::idempotent);
        cases.put("static-member", Conformance::staticMember);
        cases.put("mid-batch", Conformance::midBatch);
        cases.put("max-message-bytes", Conformance::maxMessageBytes);
        cases.put("time-in-batch", Conformance::timeInBatch);
        cases.put("topic-codec", Conformance::topicCodec);
        cases.put("log-append-time", Conformance::logAppendTime);
        cases.put("create-partitions", Conformance::createPartitions);
        cases.put("delete-records", Conformance::deleteRecords);
        cases.put("configs", Conformance::configs);
        cases.put("list-offsets", Conformance::listOffsets);
        cases.put("log-dirs", Conformance::logDirs);
        cases.put("producers", Conformance::producers);
        cases.put("groups", Conformance::groups);
        cases.put("group-offsets", Conformance::groupOffsets);
        cases.put("cluster", Conformance::cluster);
        cases.put("unknown-topic", Conformance::unknownTopic);
        cases.put("auto-create", Conformance::autoCreate);
        cases.put("bad-topics", Conformance::badTopics);
        cases.put("acks", Conformance::acks);
        List<String> only = Arrays.asList(args).subList(1, args.length);
        admin = Admin.create(Map.of("bootstrap.servers", bootstrap));
        int failed = 0;
        ExecutorService threads = Executors.newCachedThreadPool(task -> { Thread t = new Thread(task); t.setDaemon(true); return t; });
        for (Map.Entry<String, Case> each : cases.entrySet()) {
            if (!only.isEmpty() && !only.contains(each.getKey())) continue;
            String name = each.getKey() + "-" + UUID.randomUUID().toString().substring(0, 8);
            try {
                threads.submit((Callable<Void>) () -> { each.getValue().run(name); return null; }).get(60, TimeUnit.SECONDS);
                System.out.println("PASS " + each.getKey());
            } catch (ExecutionException e) {
                failed++;
                System.out.println("FAIL " + each.getKey() + ": " + e.getCause());
            } catch (java.util.concurrent.TimeoutException e) {
                failed++;
                System.out.println("FAIL " + each.getKey() + ": not done after 60 s");
            }
            System.out.flush();
        }
        System.out.println("DONE");
        System.out.flush();
        Runtime.getRuntime().halt(failed == 0 ? 0 : 1);
    }

    private static void check(boolean holds, String what) {
        if (!holds) throw new AssertionError(what);
    }

    private static void equal(Object expected, Object actual, String what) {
        check(expected.equals(actual), what + ": expected " + expected + ", got " + actual);
    }

    private static void makeTopic(String name, int partitions, Map<String, String> configs) throws Exception {
        admin.createTopics(List.of(new NewTopic(name, partitions, (short) 1).configs(configs))).all().get();
        // A real Kafka's brokers learn of it a moment later.
        await(() -> { try { return admin.describeTopics(List.of(name)).allTopicNames().get() != null; } catch (ExecutionException e) { return false; } }, "a topic that was made is not described");
    }

    private static KafkaProducer<String, String> producer(Map<String, Object> extra) {
        Map<String, Object> settings = new HashMap<>(Map.of("bootstrap.servers", bootstrap, "linger.ms", 5, "delivery.timeout.ms", 20000, "request.timeout.ms", 10000));
        settings.putAll(extra);
        return new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
    }

    private static KafkaConsumer<String, String> consumer(Map<String, Object> extra) {
        Map<String, Object> settings = new HashMap<>(Map.of("bootstrap.servers", bootstrap, "auto.offset.reset", "earliest", "enable.auto.commit", false,
            "session.timeout.ms", 6000, "heartbeat.interval.ms", 500, "max.poll.interval.ms", 20000));
        settings.putAll(extra);
        return new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
    }

    private static void send(String topic, int count, Map<String, Object> extra) throws Exception {
        try (KafkaProducer<String, String> producer = producer(extra)) {
            List<java.util.concurrent.Future<RecordMetadata>> sent = new ArrayList<>();
            for (int i = 0; i < count; i++) sent.add(producer.send(new ProducerRecord<>(topic, "k" + i, "v" + i)));
            producer.flush();
            for (var each : sent) each.get();
        }
    }

    private static List<ConsumerRecord<String, String>> read(KafkaConsumer<String, String> consumer, int count) {
        List<ConsumerRecord<String, String>> records = new ArrayList<>();
        long until = System.nanoTime() + 20_000_000_000L;
        while (records.size() < count && System.nanoTime() < until) consumer.poll(Duration.ofMillis(100)).forEach(records::add);
        check(records.size() >= count, "expected " + count + " records, got " + records.size());
        return records;
    }

    private static List<ConsumerRecord<String, String>> readAll(String topic, int partition, int count) {
        try (KafkaConsumer<String, String> consumer = consumer(Map.of())) {
            TopicPartition where = new TopicPartition(topic, partition);
            consumer.assign(List.of(where));
            consumer.seekToBeginning(List.of(where));
            return read(consumer, count);
        }
    }

    private static void expect(Class<? extends Throwable> type, Callable<?> call) throws Exception {
        try {
            call.call();
        } catch (ExecutionException e) {
            check(type.isInstance(e.getCause()), "expected " + type.getSimpleName() + ", got " + e.getCause());
            return;
        } catch (Exception e) {
            check(type.isInstance(e), "expected " + type.getSimpleName() + ", got " + e);
            return;
        }
        throw new AssertionError("expected " + type.getSimpleName() + ", got no error");
    }

    private static void create(String name) throws Exception {
        CreateTopicsResult result = admin.createTopics(List.of(new NewTopic(name, 3, (short) 1).configs(Map.of("retention.ms", "123456"))));
        equal(3, result.numPartitions(name).get(), "partitions");
        equal("123456", result.config(name).get().get("retention.ms").value(), "retention.ms");
        expect(TopicExistsException.class, () -> admin.createTopics(List.of(new NewTopic(name, 1, (short) 1))).all().get());
        await(() -> admin.listTopics().names().get().contains(name), "the topic is not listed");
    }

    private static void describe(String name) throws Exception {
        makeTopic(name, 2, Map.of());
        TopicDescription topic = admin.describeTopics(List.of(name)).allTopicNames().get().get(name);
        equal(2, topic.partitions().size(), "partitions");
        check(topic.partitions().get(0).leader() != null, "no leader");
        TopicDescription byId = admin.describeTopics(org.apache.kafka.common.TopicCollection.ofTopicIds(List.of(topic.topicId()))).allTopicIds().get().get(topic.topicId());
        equal(name, byId.name(), "name by id");
        expect(UnknownTopicOrPartitionException.class, () -> admin.describeTopics(List.of(name + "x")).allTopicNames().get());
    }

    private static void produce(String name, String codec) throws Exception {
        makeTopic(name, 1, Map.of());
        try (KafkaProducer<String, String> producer = producer(Map.of("compression.type", codec, "batch.size", 65536))) {
            for (int i = 0; i < 500; i++) {
                ProducerRecord<String, String> record = new ProducerRecord<>(name, 0, i % 7 == 0 ? null : "k" + i, i % 11 == 0 ? null : "value ".repeat(i % 50) + i);
                record.headers().add("h", ("x" + i).getBytes()).add("n", null);
                producer.send(record);
            }
        }
        List<ConsumerRecord<String, String>> records = readAll(name, 0, 500);
        equal(500, records.size(), "records");
        for (int i = 0; i < 500; i++) {
            ConsumerRecord<String, String> record = records.get(i);
            equal((long) i, record.offset(), "offset");
            equal(Optional.ofNullable(i % 7 == 0 ? null : "k" + i), Optional.ofNullable(record.key()), "key");
            equal(Optional.ofNullable(i % 11 == 0 ? null : "value ".repeat(i % 50) + i), Optional.ofNullable(record.value()), "value");
            equal("x" + i, new String(record.headers().lastHeader("h").value()), "header");
        }
    }

    private static void consumeBeginning(String name) throws Exception {
        makeTopic(name, 3, Map.of());
        send(name, 300, Map.of());
        try (KafkaConsumer<String, String> consumer = consumer(Map.of("group.id", name))) {
            consumer.subscribe(List.of(name));
            Set<String> values = new HashSet<>();
            read(consumer, 300).forEach(record -> values.add(record.value()));
            equal(300, values.size(), "values");
        }
    }

    private static void consumeEnd(String name) throws Exception {
        makeTopic(name, 1, Map.of());
        send(name, 10, Map.of());
        try (KafkaConsumer<String, String> consumer = consumer(Map.of())) {
            TopicPartition where = new TopicPartition(name, 0);
            consumer.assign(List.of(where));
            consumer.seekToEnd(List.of(where));
            equal(10L, consumer.position(where), "position");
            send(name, 1, Map.of());
            equal(10L, read(consumer, 1).get(0).offset(), "offset");
        }
    }

    private static void consumeTimestamp(String name) throws Exception {
        makeTopic(name, 1, Map.of());
        long base = System.currentTimeMillis() - 100_000;
        try (KafkaProducer<String, String> producer = producer(Map.of())) {
            for (int i = 0; i < 100; i++) producer.send(new ProducerRecord<>(name, 0, base + i * 10, "k", "v" + i));
        }
        try (KafkaConsumer<String, String> consumer = consumer(Map.of())) {
            TopicPartition where = new TopicPartition(name, 0);
            equal(43L, consumer.offsetsForTimes(Map.of(where, base + 425)).get(where).offset(), "offset at a time between two records");
            equal(42L, consumer.offsetsForTimes(Map.of(where, base + 420)).get(where).offset(), "offset at a record's time");
            check(consumer.offsetsForTimes(Map.of(where, base + 5000)).get(where) == null, "an offset after the last time");
            equal(0L, consumer.beginningOffsets(List.of(where)).get(where), "beginning");
            equal(100L, consumer.endOffsets(List.of(where)).get(where), "end");
        }
    }

    private static void rebalance(String name, String assignor) throws Exception {
        makeTopic(name, 4, Map.of());
        send(name, 40, Map.of());
        Map<String, Object> settings = Map.of("group.id", name, "partition.assignment.strategy", assignor);
        try (KafkaConsumer<String, String> first = consumer(settings)) {
            first.subscribe(List.of(name));
            read(first, 40);
            equal(4, first.assignment().size(), "partitions of the only member");
            try (KafkaConsumer<String, String> second = consumer(settings)) {
                second.subscribe(List.of(name));
                await(() -> {
                    first.poll(Duration.ofMillis(50));
                    second.poll(Duration.ofMillis(50));
                    return first.assignment().size() == 2 && second.assignment().size() == 2;
                }, "two members do not share the partitions");
                Set<TopicPartition> both = new HashSet<>(first.assignment());
                both.addAll(second.assignment());
                equal(4, both.size(), "partitions of both members");
            }
            await(() -> {
                first.poll(Duration.ofMillis(50));
                return first.assignment().size() == 4;
            }, "the partitions of a member that left are not taken over");
        }
    }

    private static void await(Callable<Boolean> condition, String what) throws Exception {
        long until = System.nanoTime() + 25_000_000_000L;
        while (!condition.call()) check(System.nanoTime() < until, what);
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
        long committed = admin.listConsumerGroupOffsets(name).partitionsToOffsetAndMetadata().get().get(where).offset();
        long end = admin.listOffsets(Map.of(where, OffsetSpec.latest())).all().get().get(where).offset();
        equal(15L, end - committed, "lag");
    }

    private static void delete(String name) throws Exception {
        makeTopic(name, 1, Map.of());
        send(name, 5, Map.of());
        admin.deleteTopics(List.of(name)).all().get();
        await(() -> !admin.listTopics().names().get().contains(name), "a deleted topic is still listed");
        expect(UnknownTopicOrPartitionException.class, () -> admin.deleteTopics(List.of(name)).all().get());
        makeTopic(name, 1, Map.of());
        TopicPartition where = new TopicPartition(name, 0);
        equal(0L, admin.listOffsets(Map.of(where, OffsetSpec.latest())).all().get().get(where).offset(), "end of a topic made again");
    }

    private static void idempotent(String name) throws Exception {
        makeTopic(name, 2, Map.of());
        send(name, 2000, Map.of("enable.idempotence", true, "acks", "all", "batch.size", 1000, "max.in.flight.requests.per.connection", 5));
        long end = 0;
        for (int p = 0; p < 2; p++) {
            TopicPartition where = new TopicPartition(name, p);
            end += admin.listOffsets(Map.of(where, OffsetSpec.latest())).all().get().get(where).offset();
        }
        equal(2000L, end, "records");
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
            await(() -> {
                again.poll(Duration.ofMillis(50));
                return again.assignment().size() == 2;
            }, "a static member does not get its partitions back");
            equal(generation, again.groupMetadata().generationId(), "generation after a static member's return");
            check(admin.describeConsumerGroups(List.of(name)).all().get().get(name).members().stream().anyMatch(m -> m.groupInstanceId().equals(Optional.of("one"))), "no instance id");
        }
        admin.removeMembersFromConsumerGroup(name, new RemoveMembersFromConsumerGroupOptions(List.of(new MemberToRemove("one")))).all().get();
    }

    private static void midBatch(String name) throws Exception {
        makeTopic(name, 1, Map.of());
        send(name, 100, Map.of("linger.ms", 200, "batch.size", 100000, "compression.type", "lz4"));
        try (KafkaConsumer<String, String> consumer = consumer(Map.of())) {
            TopicPartition where = new TopicPartition(name, 0);
            consumer.assign(List.of(where));
            for (long offset : new long[] {1, 50, 99}) {
                consumer.seek(where, offset);
                List<ConsumerRecord<String, String>> rest = read(consumer, (int) (100 - offset));
                for (int i = 0; i < rest.size(); i++) equal(offset + i, rest.get(i).offset(), "offset of a read inside of a batch");
            }
        }
    }

    private static void maxMessageBytes(String name) throws Exception {
        makeTopic(name, 1, Map.of("max.message.bytes", "2000"));
        try (KafkaProducer<String, String> producer = producer(Map.of())) {
            producer.send(new ProducerRecord<>(name, "x".repeat(1000))).get();
            expect(RecordTooLargeException.class, () -> producer.send(new ProducerRecord<>(name, "x".repeat(3000))).get());
        }
    }

    private static void timeInBatch(String name) throws Exception {
        makeTopic(name, 1, Map.of());
        long base = System.currentTimeMillis() - 50_000;
        try (KafkaProducer<String, String> producer = producer(Map.of("linger.ms", 300, "batch.size", 100000, "compression.type", "gzip"))) {
            for (int i = 0; i < 50; i++) producer.send(new ProducerRecord<>(name, 0, base + i * 100, null, "v" + i));
        }
        TopicPartition where = new TopicPartition(name, 0);
        equal(33L, admin.listOffsets(Map.of(where, OffsetSpec.forTimestamp(base + 3300))).all().get().get(where).offset(), "offset of a time inside of a compressed batch");
    }

    private static void topicCodec(String name) throws Exception {
        makeTopic(name, 1, Map.of("compression.type", "zstd"));
        send(name, 100, Map.of("compression.type", "gzip"));
        equal(100, readAll(name, 0, 100).size(), "records");
    }

    private static void logAppendTime(String name) throws Exception {
        makeTopic(name, 1, Map.of("message.timestamp.type", "LogAppendTime"));
        long before = System.currentTimeMillis();
        try (KafkaProducer<String, String> producer = producer(Map.of())) {
            RecordMetadata sent = producer.send(new ProducerRecord<>(name, 0, 1000L, "k", "v")).get();
            check(sent.timestamp() >= before, "the time that the producer is told: " + sent.timestamp());
        }
        ConsumerRecord<String, String> record = readAll(name, 0, 1).get(0);
        check(record.timestamp() >= before, "the time that is read: " + record.timestamp());
        equal(org.apache.kafka.common.record.TimestampType.LOG_APPEND_TIME.toString(), record.timestampType().toString(), "type");
    }

    private static void createPartitions(String name) throws Exception {
        makeTopic(name, 1, Map.of());
        admin.createPartitions(Map.of(name, NewPartitions.increaseTo(4))).all().get();
        await(() -> admin.describeTopics(List.of(name)).allTopicNames().get().get(name).partitions().size() == 4, "partitions are not added");
        expect(InvalidPartitionsException.class, () -> admin.createPartitions(Map.of(name, NewPartitions.increaseTo(2))).all().get());
        send(name, 100, Map.of());
    }

    private static void deleteRecords(String name) throws Exception {
        makeTopic(name, 1, Map.of());
        send(name, 20, Map.of());
        TopicPartition where = new TopicPartition(name, 0);
        equal(8L, admin.deleteRecords(Map.of(where, RecordsToDelete.beforeOffset(8))).lowWatermarks().get(where).get().lowWatermark(), "low watermark");
        equal(8L, admin.listOffsets(Map.of(where, OffsetSpec.earliest())).all().get().get(where).offset(), "earliest");
        equal(8L, readAll(name, 0, 12).get(0).offset(), "first offset");
        expect(org.apache.kafka.common.errors.OffsetOutOfRangeException.class, () -> admin.deleteRecords(Map.of(where, RecordsToDelete.beforeOffset(99))).all().get());
    }

    private static void configs(String name) throws Exception {
        makeTopic(name, 1, Map.of());
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, name);
        admin.incrementalAlterConfigs(Map.of(topic, List.of(
            new AlterConfigOp(new ConfigEntry("retention.ms", "5000000"), AlterConfigOp.OpType.SET),
            new AlterConfigOp(new ConfigEntry("cleanup.policy", "compact"), AlterConfigOp.OpType.APPEND)))).all().get();
        Config config = admin.describeConfigs(List.of(topic)).all().get().get(topic);
        equal("5000000", config.get("retention.ms").value(), "retention.ms");
        equal("delete,compact", config.get("cleanup.policy").value(), "cleanup.policy");
        equal(ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG, config.get("retention.ms").source(), "source");
        admin.incrementalAlterConfigs(Map.of(topic, List.of(new AlterConfigOp(new ConfigEntry("retention.ms", ""), AlterConfigOp.OpType.DELETE)))).all().get();
        check(admin.describeConfigs(List.of(topic)).all().get().get(topic).get("retention.ms").isDefault(), "a deleted value is still set");
        expect(InvalidConfigurationException.class, () -> admin.incrementalAlterConfigs(Map.of(topic, List.of(new AlterConfigOp(new ConfigEntry("retention.ms", "soon"), AlterConfigOp.OpType.SET)))).all().get());
        expect(InvalidConfigurationException.class, () -> admin.incrementalAlterConfigs(Map.of(topic, List.of(new AlterConfigOp(new ConfigEntry("no.such.key", "1"), AlterConfigOp.OpType.SET)))).all().get());
        ConfigResource broker = new ConfigResource(ConfigResource.Type.BROKER, admin.describeCluster().nodes().get().iterator().next().idString());
        check(admin.describeConfigs(List.of(broker)).all().get().get(broker).get("num.partitions") != null, "a broker without num.partitions");
    }

    private static void listOffsets(String name) throws Exception {
        makeTopic(name, 1, Map.of());
        long base = System.currentTimeMillis() - 10_000;
        try (KafkaProducer<String, String> producer = producer(Map.of())) {
            for (long time : new long[] {base, base + 500, base + 200}) producer.send(new ProducerRecord<>(name, 0, time, "k", "v")).get();
        }
        TopicPartition where = new TopicPartition(name, 0);
        equal(1L, admin.listOffsets(Map.of(where, OffsetSpec.maxTimestamp())).all().get().get(where).offset(), "offset of the largest timestamp");
        equal(base + 500, admin.listOffsets(Map.of(where, OffsetSpec.maxTimestamp())).all().get().get(where).timestamp(), "largest timestamp");
        equal(0L, admin.listOffsets(Map.of(where, OffsetSpec.earliest())).all().get().get(where).offset(), "earliest");
        equal(3L, admin.listOffsets(Map.of(where, OffsetSpec.latest())).all().get().get(where).offset(), "latest");
    }

    private static void logDirs(String name) throws Exception {
        makeTopic(name, 1, Map.of());
        send(name, 10, Map.of());
        int node = admin.describeCluster().nodes().get().iterator().next().id();
        var dirs = admin.describeLogDirs(List.of(node)).allDescriptions().get().get(node).values();
        check(dirs.stream().anyMatch(dir -> dir.replicaInfos().containsKey(new TopicPartition(name, 0)) && dir.replicaInfos().get(new TopicPartition(name, 0)).size() > 0), "the partition has no size");
    }

    private static void producers(String name) throws Exception {
        makeTopic(name, 1, Map.of());
        send(name, 10, Map.of("enable.idempotence", true));
        TopicPartition where = new TopicPartition(name, 0);
        equal(1, admin.describeProducers(List.of(where)).partitionResult(where).get().activeProducers().size(), "producers");
    }

    private static void groups(String name) throws Exception {
        makeTopic(name, 1, Map.of());
        send(name, 3, Map.of());
        try (KafkaConsumer<String, String> consumer = consumer(Map.of("group.id", name, "client.id", "me"))) {
            consumer.subscribe(List.of(name));
            read(consumer, 3);
            consumer.commitSync();
            ConsumerGroupDescription group = admin.describeConsumerGroups(List.of(name)).all().get().get(name);
            equal("Stable", group.state().toString(), "state");
            equal(1, group.members().size(), "members");
            equal(Set.of(new TopicPartition(name, 0)), group.members().iterator().next().assignment().topicPartitions(), "assignment");
            expect(GroupNotEmptyException.class, () -> admin.deleteConsumerGroups(List.of(name)).all().get());
        }
        check(admin.listConsumerGroups().all().get().stream().anyMatch(group -> group.groupId().equals(name)), "the group is not listed");
        admin.deleteConsumerGroups(List.of(name)).all().get();
        expect(GroupIdNotFoundException.class, () -> admin.deleteConsumerGroups(List.of(name)).all().get());
    }

    private static void groupOffsets(String name) throws Exception {
        makeTopic(name, 2, Map.of());
        TopicPartition zero = new TopicPartition(name, 0);
        TopicPartition one = new TopicPartition(name, 1);
        admin.alterConsumerGroupOffsets(name, Map.of(zero, new OffsetAndMetadata(3), one, new OffsetAndMetadata(4))).all().get();
        equal(2, admin.listConsumerGroupOffsets(name).partitionsToOffsetAndMetadata().get().size(), "offsets");
        admin.deleteConsumerGroupOffsets(name, Set.of(zero)).all().get();
        equal(Set.of(one), admin.listConsumerGroupOffsets(name).partitionsToOffsetAndMetadata().get().keySet(), "offsets that are left");
    }

    private static void cluster(String name) throws Exception {
        DescribeClusterResult cluster = admin.describeCluster(new DescribeClusterOptions().includeAuthorizedOperations(true));
        check(!cluster.clusterId().get().isEmpty(), "no cluster id");
        equal(1, cluster.nodes().get().size(), "nodes");
        check(cluster.controller().get() != null, "no controller");
        check(!cluster.authorizedOperations().get().isEmpty(), "no authorized operations");
        admin.describeFeatures().featureMetadata().get();
        admin.listPartitionReassignments().reassignments().get();
    }

    private static void unknownTopic(String name) throws Exception {
        try (KafkaConsumer<String, String> consumer = consumer(Map.of("allow.auto.create.topics", false, "default.api.timeout.ms", 3000))) {
            check(consumer.partitionsFor(name, Duration.ofSeconds(3)) == null || consumer.partitionsFor(name).isEmpty(), "partitions of a topic that is not there");
        } catch (UnknownTopicOrPartitionException expected) {
            return;
        }
        check(!admin.listTopics().names().get().contains(name), "a topic that was only asked for was made");
    }

    private static void autoCreate(String name) throws Exception {
        send(name, 3, Map.of());
        equal(3, readAll(name, 0, 3).size(), "records");
    }

    private static void badTopics(String name) throws Exception {
        for (String bad : List.of("../../x", "a/b", "a b", "x".repeat(250), ".")) {
            expect(InvalidTopicException.class, () -> admin.createTopics(List.of(new NewTopic(bad, 1, (short) 1))).all().get());
        }
        expect(InvalidPartitionsException.class, () -> admin.createTopics(List.of(new NewTopic(name, 0, (short) 1))).all().get());
        expect(InvalidReplicationFactorException.class, () -> admin.createTopics(List.of(new NewTopic(name, 1, (short) 5))).all().get());
        expect(InvalidConfigurationException.class, () -> admin.createTopics(List.of(new NewTopic(name, 1, (short) 1).configs(Map.of("nonsense", "1")))).all().get());
        admin.createTopics(List.of(new NewTopic(name, 1, (short) 1)), new CreateTopicsOptions().validateOnly(true)).all().get();
        check(!admin.listTopics().names().get().contains(name), "a validated topic was made");
    }

    private static void acks(String name) throws Exception {
        makeTopic(name, 1, Map.of());
        send(name, 10, Map.of("acks", "0", "enable.idempotence", false));
        send(name, 10, Map.of("acks", "1", "enable.idempotence", false));
        send(name, 10, Map.of("acks", "all"));
        equal(30, readAll(name, 0, 30).size(), "records");
    }
}
