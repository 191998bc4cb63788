package io.millrace.broker.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.Millrace;
import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.BrokerKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Offsets whose topic was deleted while nobody led the partition that keeps them. */
@Timeout(120)
final class OffsetsOfDeletedTopicsTest {
    private static final TopicPartition PARTITION = new TopicPartition("t", 0);

    @TempDir Path folder = Path.of("unset");

    /** What is done with a running broker. */
    @FunctionalInterface
    private interface Task {
        void run(Admin admin) throws Exception;
    }

    private void withBroker(Task task) throws Exception {
        var config =
                BrokerConfig.of(
                        Map.of(
                                BrokerKeys.DATA_DIR,
                                folder.resolve("data").toString(),
                                BrokerKeys.PORT,
                                "0"));
        try (var broker = Millrace.start(config);
                var admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            task.run(admin);
        }
    }

    private static void create(Admin admin) throws Exception {
        admin.createTopics(List.of(new NewTopic("t", 1, (short) 1))).all().get();
    }

    private static Map<TopicPartition, OffsetAndMetadata> offsets(
            Admin admin, ListConsumerGroupOffsetsSpec asked) throws Exception {
        return admin.listConsumerGroupOffsets(Map.of("g", asked))
                .partitionsToOffsetAndMetadata()
                .get();
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> folders = Files.list(from)) {
            for (Path each : folders.toList()) {
                if (each.getFileName().toString().startsWith("__consumer_offsets-")) {
                    copyAll(each, to.resolve(each.getFileName()));
                }
            }
        }
    }

    private static void copyAll(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(to.getParent())) {
            for (Path old :
                    files.filter(path -> path.startsWith(to)).sorted().toList().reversed()) {
                Files.delete(old);
            }
        }
        try (Stream<Path> files = Files.walk(from)) {
            for (Path each : files.toList()) {
                Files.copy(each, to.resolve(from.relativize(each)));
            }
        }
    }

    @Test
    void offsetsOfATopicThatIsGoneAreNotThoseOfTheNextOneOfItsName() throws Exception {
        Path data = folder.resolve("data");
        Path aside = folder.resolve("aside");
        var five = Map.of(PARTITION, new OffsetAndMetadata(5));
        var named = new ListConsumerGroupOffsetsSpec().topicPartitions(List.of(PARTITION));
        var all = new ListConsumerGroupOffsetsSpec();
        withBroker(admin -> {
            create(admin);
            admin.alterConsumerGroupOffsets("g", five).all().get();
        });
        copy(data, aside);
        withBroker(admin -> {
            assertThat(offsets(admin, named)).isEqualTo(five);
            assertThat(offsets(admin, all)).isEqualTo(five);
            admin.deleteTopics(List.of("t")).all().get();
            create(admin);
        });
        copy(aside, data);

        withBroker(admin -> {
            assertThat(offsets(admin, named).get(PARTITION)).isNull();
            assertThat(offsets(admin, all)).isEmpty();
            admin.alterConsumerGroupOffsets("g", five).all().get();
            assertThat(offsets(admin, named)).isEqualTo(five);
        });
    }
}
