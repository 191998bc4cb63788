package io.millrace.broker.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.Millrace;
import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.BrokerKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A file system that is really full: 24 MB of memory, mounted for the test where it may. */
final class FullDiskTest {
    private static final int RECORD_BYTES = 512 * 1024;
    private static final int MORE_THAN_FIT = 100;
    private static final int BALLAST_BYTES = 12 << 20;
    private static final TopicPartition PARTITION = new TopicPartition("filling", 0);

    @TempDir Path disk = Path.of("unset");

    @BeforeEach
    void mount() throws IOException, InterruptedException {
        Assumptions.assumeTrue(
                run("mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", disk.toString()),
                "this user may not mount a file system");
    }

    @AfterEach
    void unmount() throws IOException, InterruptedException {
        run("umount", disk.toString());
    }

    private static boolean run(String... command) throws IOException, InterruptedException {
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException missing) {
            return false;
        }
    }

    private Millrace broker(long reserveBytes) {
        return Millrace.start(
                BrokerConfig.of(
                        Map.of(
                                BrokerKeys.DATA_DIR,
                                disk.resolve("data").toString(),
                                BrokerKeys.PORT,
                                "0",
                                BrokerKeys.DISK_RESERVE,
                                Long.toString(reserveBytes),
                                "log.segment.bytes",
                                "4194304")));
    }

    private static KafkaProducer<byte[], byte[]> producer(Millrace broker) {
        return new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers",
                        broker.bootstrapServers(),
                        "retries",
                        "0",
                        "enable.idempotence",
                        "false",
                        "request.timeout.ms",
                        "5000",
                        "delivery.timeout.ms",
                        "5000",
                        "linger.ms",
                        "0"),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    private static Throwable failureOfSend(KafkaProducer<byte[], byte[]> producer)
            throws InterruptedException {
        try {
            producer.send(new ProducerRecord<>("filling", new byte[RECORD_BYTES])).get();
            return new AssertionError("it was stored");
        } catch (ExecutionException e) {
            return Objects.requireNonNull(e.getCause());
        }
    }

    private static long readBack(Millrace broker) {
        try (var consumer =
                new KafkaConsumer<>(
                        Map.of("bootstrap.servers", broker.bootstrapServers()),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer())) {
            consumer.assign(List.of(PARTITION));
            consumer.seekToBeginning(List.of(PARTITION));
            long end =
                    Objects.requireNonNull(consumer.endOffsets(List.of(PARTITION)).get(PARTITION));
            while (consumer.position(PARTITION) < end) {
                consumer.poll(Duration.ofMillis(100));
            }
            return end;
        }
    }

    /** With no reserve the write itself fails; with one it is refused before. */
    @ParameterizedTest
    @ValueSource(longs = {0, 4 << 20})
    void aFullDiskRefusesWritesServesReadsAndHeals(long reserveBytes)
            throws IOException, InterruptedException {
        Path ballast = Files.write(disk.resolve("ballast"), new byte[BALLAST_BYTES]);
        try (var broker = broker(reserveBytes);
                var producer = producer(broker)) {
            int stored = 0;
            Throwable refusal = null;
            while (refusal == null && stored < MORE_THAN_FIT) {
                try {
                    producer.send(new ProducerRecord<>("filling", new byte[RECORD_BYTES])).get();
                    stored++;
                } catch (ExecutionException e) {
                    refusal = e.getCause();
                }
            }

            assertThat(stored).isPositive();
            assertThat(refusal).isInstanceOf(RetriableException.class);
            assertThat(failureOfSend(producer)).isInstanceOf(RetriableException.class);
            assertThat(readBack(broker)).isEqualTo(stored);

            Files.delete(ballast);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .ignoreException(ExecutionException.class)
                    .until(() ->
                            producer.send(new ProducerRecord<>("filling", new byte[RECORD_BYTES]))
                                            .get()
                                            .offset()
                                    >= 0);
            assertThat(readBack(broker)).isGreaterThan(stored);
        }
        try (var again = broker(reserveBytes)) {
            assertThat(readBack(again)).isPositive();
        }
    }
}
