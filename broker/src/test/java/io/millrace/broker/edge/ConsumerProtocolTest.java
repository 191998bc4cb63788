package io.millrace.broker.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.broker.Millrace;
import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.BrokerKeys;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.SubscriptionPattern;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The stock consumer with {@code group.protocol=consumer} against a broker in this process. */
@Timeout(120)
final class ConsumerProtocolTest {
    @TempDir Path folder = Path.of("unset");

    private final List<KafkaConsumer<String, String>> consumers = new ArrayList<>();
    private Millrace broker;
    private Admin admin;

    @BeforeEach
    void start() {
        broker =
                Millrace.start(
                        BrokerConfig.of(
                                Map.of(
                                        BrokerKeys.DATA_DIR,
                                        folder.toString(),
                                        BrokerKeys.PORT,
                                        "0",
                                        "millrace.durability",
                                        "os",
                                        "group.initial.rebalance.delay.ms",
                                        "0",
                                        "group.consumer.assignment.interval.ms",
                                        "0",
                                        "group.consumer.heartbeat.interval.ms",
                                        "100",
                                        "group.consumer.min.heartbeat.interval.ms",
                                        "100")));
        admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
    }

    @AfterEach
    void stop() {
        consumers.forEach(consumer -> consumer.close(CloseOptions.timeout(Duration.ofSeconds(1))));
        admin.close();
        broker.close();
    }

    private void topic(String name, int partitions)
            throws ExecutionException, InterruptedException {
        admin.createTopics(List.of(new NewTopic(name, partitions, (short) 1))).all().get();
    }

    private KafkaConsumer<String, String> consumer(String protocol, String... more) {
        var settings = new HashMap<String, Object>();
        settings.put("bootstrap.servers", broker.bootstrapServers());
        settings.put("group.id", "g");
        settings.put("group.protocol", protocol);
        settings.put("auto.offset.reset", "earliest");
        settings.put("enable.auto.commit", "false");
        for (int i = 0; i < more.length; i += 2) {
            settings.put(more[i], more[i + 1]);
        }
        var text = new StringDeserializer();
        var consumer = new KafkaConsumer<>(settings, text, text);
        consumers.add(consumer);
        return consumer;
    }

    /** Polls all until together they own so many partitions, each once. */
    private void shareOut(int partitions) {
        long endMs = System.nanoTime() / 1_000_000 + 60_000;
        while (System.nanoTime() / 1_000_000 < endMs) {
            var owned = new ArrayList<TopicPartition>();
            for (KafkaConsumer<String, String> consumer : consumers) {
                consumer.poll(Duration.ofMillis(50));
                owned.addAll(consumer.assignment());
            }
            boolean all = consumers.stream().noneMatch(each -> each.assignment().isEmpty());
            if (all && owned.size() == partitions && new HashSet<>(owned).size() == partitions) {
                return;
            }
        }
        throw new AssertionError("the partitions were not shared out");
    }

    private ConsumerGroupDescription describe() throws ExecutionException, InterruptedException {
        return Objects.requireNonNull(
                admin.describeConsumerGroups(List.of("g")).all().get().get("g"));
    }

    @Test
    void severalConsumersShareOutTheirTopicAndCommit()
            throws ExecutionException, InterruptedException {
        topic("t", 6);
        for (int i = 0; i < 3; i++) {
            consumer("consumer").subscribe(List.of("t"));
        }
        shareOut(6);

        // The last of them still has to say that it has taken its partitions.
        await().until(
                        () -> {
                            consumers.forEach(consumer -> consumer.poll(Duration.ofMillis(50)));
                            return describe().groupState();
                        },
                        state -> state == GroupState.STABLE);
        ConsumerGroupDescription group = describe();
        assertThat(group.type()).isEqualTo(GroupType.CONSUMER);
        assertThat(group.members())
                .allSatisfy(member -> assertThat(member.assignment().topicPartitions()).hasSize(2));
        consumers.forEach(KafkaConsumer::commitSync);

        consumers.removeLast().close();
        shareOut(6);
        assertThat(describe().members()).hasSize(2);
    }

    @Test
    void newTopicsAndPartitionsAreFoundByRegexAndByName()
            throws ExecutionException, InterruptedException {
        topic("ax", 2);
        consumer("consumer").subscribe(new SubscriptionPattern("a.*"));
        consumer("consumer").subscribe(List.of("ax"));
        shareOut(2);

        topic("ay", 2);
        topic("b", 2);
        admin.createPartitions(Map.of("ax", NewPartitions.increaseTo(4))).all().get();
        shareOut(6);

        Set<String> topics = new HashSet<>();
        consumers.getFirst().assignment().forEach(each -> topics.add(each.topic()));
        assertThat(topics).contains("ay").doesNotContain("b");
    }

    @Test
    void aPatternOfTheClientsOwnIsResolvedByTheClient()
            throws ExecutionException, InterruptedException {
        topic("ax", 2);
        consumer("consumer").subscribe(Pattern.compile("a.*"));
        shareOut(2);
    }

    @Test
    void aStaticMemberKeepsItsPartitionsWhileItIsAway()
            throws ExecutionException, InterruptedException {
        topic("t", 4);
        consumer("consumer", "group.instance.id", "one").subscribe(List.of("t"));
        consumer("consumer", "group.instance.id", "two").subscribe(List.of("t"));
        shareOut(4);
        Set<TopicPartition> before = consumers.getFirst().assignment();
        Set<TopicPartition> others = consumers.getLast().assignment();

        consumers.removeFirst().close();
        shareOutAlone(others);
        consumers.addFirst(consumers.getLast());
        consumers.removeLast();
        KafkaConsumer<String, String> again = consumer("consumer", "group.instance.id", "one");
        again.subscribe(List.of("t"));
        shareOut(4);

        assertThat(again.assignment()).isEqualTo(before);
    }

    @Test
    void aGroupMovesToTheConsumerProtocolAndBackAsItsClientsDo()
            throws ExecutionException, InterruptedException {
        topic("t", 4);
        consumer("classic", "heartbeat.interval.ms", "100").subscribe(List.of("t"));
        consumer("classic", "heartbeat.interval.ms", "100").subscribe(List.of("t"));
        shareOut(4);
        assertThat(describe().type()).isEqualTo(GroupType.CLASSIC);

        consumer("consumer").subscribe(List.of("t"));
        shareOut(4);
        assertThat(describe().type()).isEqualTo(GroupType.CONSUMER);
        assertThat(describe().members()).hasSize(3);
        consumers.forEach(KafkaConsumer::commitSync);

        consumers.removeLast().close();
        shareOut(4);
        assertThat(describe().type()).isEqualTo(GroupType.CLASSIC);
        consumers.forEach(KafkaConsumer::commitSync);
    }

    private void shareOutAlone(Set<TopicPartition> expected) {
        for (int i = 0; i < 10; i++) {
            consumers.getFirst().poll(Duration.ofMillis(50));
            assertThat(consumers.getFirst().assignment()).isEqualTo(expected);
        }
    }
}
