package io.millrace.client.cli;

import io.millrace.client.cli.text.Answers;
import io.millrace.client.cli.text.CliException;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaFuture;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which broker a command talks to, and how. Mixed into every command. */
final class Connection {
    private static final int TIMEOUT_MS = 8000;

    @Option(
            names = "--bootstrap-server",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:9092",
            description = "A broker to connect to (${DEFAULT-VALUE}; MILLRACE_BOOTSTRAP_SERVER).")
    String bootstrapServer = "127.0.0.1:9092";

    @Option(
            names = "--command-config",
            paramLabel = "FILE",
            description = "Properties of the Kafka client, such as security settings.")
    @Nullable Path commandConfig;

    /** Settings of a client, with the user's own over ours. */
    Map<String, Object> settings(Map<String, Object> ours) {
        var settings = new HashMap<String, Object>();
        settings.put("bootstrap.servers", bootstrapServer);
        settings.put("client.id", "millrace-cli");
        settings.put("default.api.timeout.ms", TIMEOUT_MS);
        settings.put("request.timeout.ms", TIMEOUT_MS / 2);
        settings.putAll(ours);
        if (commandConfig != null) {
            var file = new Properties();
            try (Reader reader = Files.newBufferedReader(commandConfig, StandardCharsets.UTF_8)) {
                file.load(reader);
            } catch (NoSuchFileException e) {
                throw new CliException("there is no file " + commandConfig);
            } catch (IOException | IllegalArgumentException e) {
                throw new CliException("cannot read --command-config " + commandConfig + ": " + e);
            }
            file.stringPropertyNames().forEach(name -> settings.put(name, file.getProperty(name)));
        }
        return settings;
    }

    /** Settings as above, of a client that has a broker to talk to. Blocks for some seconds. */
    Map<String, Object> reachable(Map<String, Object> ours) {
        Map<String, Object> settings = settings(ours);
        Reachability.require(String.valueOf(settings.get("bootstrap.servers")));
        return settings;
    }

    Admin admin() {
        return Admin.create(reachable(Map.of()));
    }

    /** Waits for an answer, and throws what the broker said instead of one. */
    static <T> T get(KafkaFuture<T> answer) {
        return Answers.get(answer);
    }
}
