package io.millrace.broker.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.broker.Main;
import io.millrace.broker.RawClient;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A process that the system lets open few files, and then no more at all. */
@Timeout(180)
final class FewFilesTest {
    private static final Pattern READY = Pattern.compile("ready on [^:]+:(\\d+)");
    private static final int RECORD_BYTES = 300_000;
    private static final int LIMIT = 400;
    private static final int CONNECTIONS = LIMIT - LIMIT / 4 - 128;
    private static final int MORE = 20;
    private static final int MANY = 2000;
    private static final String WAITING = "accepted again from second to second";

    @TempDir Path folder = Path.of("unset");
    private final List<RawClient> clients = new ArrayList<>();
    private @Nullable Process process;
    private int port;

    /** The class path, packed as it is where it is installed: a class needs no file of its own. */
    private String packed() {
        ToolProvider jar = ToolProvider.findFirst("jar").orElseThrow();
        var parts = new ArrayList<String>();
        for (String part : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            if (Files.isDirectory(Path.of(part))) {
                String file = folder.resolve(parts.size() + ".jar").toString();
                assertThat(jar.run(System.out, System.err, "-cf", file, "-C", part, ".")).isZero();
                parts.add(file);
            } else {
                parts.add(part);
            }
        }
        return String.join(File.pathSeparator, parts);
    }

    private void launch(int limit) throws IOException {
        var command =
                List.of(
                        "prlimit",
                        "--nofile=" + limit + ":",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-XX:-MaxFDLimit",
                        "-Xmx256m",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
                        "-cp",
                        packed(),
                        Main.class.getName(),
                        "start",
                        "--data-dir",
                        folder.resolve("data").toString(),
                        "--port",
                        "0",
                        "-c",
                        "log.segment.bytes=1048576");
        Process started =
                new ProcessBuilder(command)
                        .redirectError(folder.resolve("broker.log").toFile())
                        .start();
        process = started;
        var out =
                new BufferedReader(
                        new InputStreamReader(started.getInputStream(), StandardCharsets.UTF_8));
        Matcher ready = READY.matcher(Objects.requireNonNull(out.readLine(), this::log));
        assertThat(ready.find()).as("says where it is").isTrue();
        port = Integer.parseInt(ready.group(1));
    }

    private String log() {
        try {
            return Files.readString(folder.resolve("broker.log"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    @AfterEach
    void kill() throws IOException, InterruptedException {
        for (RawClient client : clients) {
            client.close();
        }
        if (process != null) {
            process.destroyForcibly().waitFor();
        }
    }

    /** From here on the process may have files open whose number is below that. */
    private void allow(int files) throws IOException, InterruptedException {
        String pid = String.valueOf(Objects.requireNonNull(process).pid());
        int code =
                new ProcessBuilder("prlimit", "--pid", pid, "--nofile=" + files + ":")
                        .start()
                        .waitFor();
        assertThat(code).isZero();
    }

    private int largestFile() throws IOException {
        try (Stream<Path> open =
                Files.list(
                        Path.of(
                                "/proc",
                                String.valueOf(Objects.requireNonNull(process).pid()),
                                "fd"))) {
            return open.mapToInt(file -> Integer.parseInt(String.valueOf(file.getFileName())))
                    .max()
                    .orElseThrow();
        }
    }

    private KafkaProducer<byte[], byte[]> producer() {
        var bytes = new ByteArraySerializer();
        return new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers",
                        "127.0.0.1:" + port,
                        "retries",
                        "0",
                        "enable.idempotence",
                        "false",
                        "connections.max.idle.ms",
                        "-1"),
                bytes,
                bytes);
    }

    private static void send(KafkaProducer<byte[], byte[]> producer)
            throws ExecutionException, InterruptedException {
        producer.send(new ProducerRecord<>("t", 0, null, new byte[RECORD_BYTES])).get();
    }

    private static ApiVersionsResponseData ask(RawClient client) throws IOException {
        return client.ask(
                ApiKeys.API_VERSIONS,
                (short) 0,
                new ApiVersionsRequestData(),
                ApiVersionsResponseData.class);
    }

    private void createTopic() throws ExecutionException, InterruptedException {
        try (var admin = Admin.create(Map.of("bootstrap.servers", "127.0.0.1:" + port))) {
            admin.createTopics(List.of(new NewTopic("t", 1, (short) 1))).all().get();
        }
    }

    @Test
    void whereNoMoreFilesMayBeOpenConnectionsWaitAndRollsAreRefusedUntilThereAreSome()
            throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/prlimit")), "no prlimit");
        launch(MANY);
        createTopic();
        try (var producer = producer()) {
            send(producer);
            allow(largestFile() + 3);
            for (int i = 0; i < MORE; i++) {
                clients.add(new RawClient(port));
            }
            Awaitility.await().until(() -> log().contains(WAITING));

            assertThatThrownBy(
                            () -> {
                                while (true) {
                                    send(producer);
                                }
                            })
                    .as(this::log)
                    .hasCauseInstanceOf(KafkaStorageException.class);

            allow(MANY);
            Awaitility.await()
                    .ignoreExceptions()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> {
                        send(producer);
                        return true;
                    });
            for (int i = 0; i < 10; i++) {
                send(producer);
            }
            for (RawClient client : clients) {
                assertThat(ask(client).errorCode()).isZero();
            }
        }
        assertThat(log()).doesNotContain("offline until a restart").containsOnlyOnce(WAITING);
    }

    @Test
    void connectionsLeaveWhatLogsNeed() throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/prlimit")), "no prlimit");
        launch(LIMIT);
        assertThat(log()).contains("At most " + CONNECTIONS + " connections");
        createTopic();
        try (var producer = producer()) {
            send(producer);
            for (int i = 0; i < CONNECTIONS + MORE; i++) {
                clients.add(new RawClient(port));
            }
            Awaitility.await().until(() -> log().contains("new connections, the last from"));
            for (int i = 0; i < 100; i++) {
                send(producer);
            }
        }
        assertThat(log()).doesNotContain("offline until a restart", WAITING, "put off");
    }
}
