package io.millrace.broker;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.BrokerKeys;
import io.millrace.broker.config.ConfigException;
import io.millrace.broker.config.ConfigKey;
import io.millrace.broker.config.ConfigSources;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The broker's own commands: {@code start} and {@code config}. */
public final class Main {
    private static final Logger LOG = LoggerFactory.getLogger(Main.class);
    private static final String USAGE =
            """
            usage: millrace start [--data-dir DIR] [--host H] [--port P] [--config FILE] [-c key=value]...
                   millrace config
              --data-dir DIR   where the data lies, made if it is missing
              --host H         the address to listen on
              --port P         the port to listen on
              --config FILE    a file of key=value lines
              -c key=value     one setting; 'millrace config' prints every key
            Every option is an environment variable too: MILLRACE_PORT, MILLRACE_DATA_DIR, ...\
            """;

    private static final List<String> HELP = List.of("-h", "--help");
    private static final int FAILED = 1;
    private static final int WRONG_USE = 2;

    private Main() {}

    /** What was typed makes no sense. */
    private static final class WrongUseException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        WrongUseException(String message) {
            super(message);
        }
    }

    /** Runs a command; the process ends with 0, 1 after a failure, or 2 after a wrong use. */
    public static void main(String[] args) {
        Thread.setDefaultUncaughtExceptionHandler((thread, e) ->
                LOG.error("Thread {} failed: please report it", thread.getName(), e));
        int status = run(args);
        if (status != 0) {
            System.exit(status);
        }
    }

    /** Runs a command, and returns what the process is to end with. Blocks while a broker runs. */
    static int run(String... args) {
        long startedNs = System.nanoTime();
        Deque<String> words = new ArrayDeque<>(List.of(args));
        if (words.stream().anyMatch(HELP::contains)) {
            System.out.println(USAGE);
            return 0;
        }
        String command = words.isEmpty() ? "" : words.remove();
        try {
            return switch (command) {
                case "start" -> serve(words, startedNs);
                case "config" -> printKeys(words);
                default -> throw new WrongUseException("there is no command '" + command + "'");
            };
        } catch (WrongUseException e) {
            System.err.printf("millrace: %s%n%s%n", e.getMessage(), USAGE);
            return WRONG_USE;
        } catch (ConfigException | StartException e) {
            System.err.println("millrace: " + e.getMessage());
            return FAILED;
        }
    }

    private static int serve(Deque<String> words, long startedNs) {
        BrokerConfig config = configure(words);
        var broker = Millrace.start(config);
        var status = new AtomicInteger();
        Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> stop(broker, status.get()), "shutdown"));
        announce(broker, config, startedNs);
        Throwable cause = broker.failure().join();
        LOG.error(
                "The broker stops, since its part of the quorum has failed: {}",
                cause.getMessage());
        status.set(FAILED);
        return FAILED;
    }

    static void announce(Millrace broker, BrokerConfig config, long startedNs) {
        System.out.printf(
                "Millrace ready on %s in %d ms (data %s)%n",
                broker.bootstrapServers(), sinceStartMs(startedNs), config.dataFolder());
        System.out.flush();
    }

    /**
     * A signal is the ordinary way to stop: the process ends with 0 if it could stop cleanly.
     *
     * @param wanted what it ends with then
     */
    private static void stop(Millrace broker, int wanted) {
        int status = wanted;
        try {
            broker.close();
        } catch (RuntimeException e) {
            LOG.error("The broker did not stop cleanly; the next start recovers", e);
            status = FAILED;
        }
        Runtime.getRuntime().halt(status);
    }

    /** Milliseconds since the process began, or since main where the launcher did not say. */
    private static long sinceStartMs(long startedNs) {
        String launched = System.getProperty("millrace.launched.ms");
        return launched == null
                ? (System.nanoTime() - startedNs) / 1_000_000
                : System.currentTimeMillis() - Long.parseLong(launched);
    }

    static BrokerConfig configure(Deque<String> words) {
        var commandLine = new ArrayDeque<String[]>();
        Path file = null;
        while (!words.isEmpty()) {
            String option = words.remove();
            switch (option) {
                case "--data-dir" -> commandLine.add(pair(BrokerKeys.DATA_DIR, option, words));
                case "--host" -> commandLine.add(pair(BrokerKeys.HOST, option, words));
                case "--port" -> commandLine.add(pair(BrokerKeys.PORT, option, words));
                case "--config" -> file = Path.of(argument(option, words));
                case "-c" -> commandLine.add(assignment(argument(option, words)));
                default -> throw new WrongUseException("unknown option " + option);
            }
        }
        String environmentFile = System.getenv("MILLRACE_CONFIG");
        if (file == null && environmentFile != null) {
            file = Path.of(environmentFile);
        }
        var sources = new ConfigSources();
        if (file != null) {
            sources.file(file);
        }
        sources.environment(System.getenv());
        commandLine.forEach(each -> sources.put(each[0], each[1]));
        sources.warnings().forEach(LOG::warn);
        return sources.build();
    }

    private static String[] pair(String key, String option, Deque<String> words) {
        return new String[] {key, argument(option, words)};
    }

    private static String argument(String option, Deque<String> words) {
        if (words.isEmpty()) {
            throw new WrongUseException(option + " needs a value");
        }
        return words.remove();
    }

    private static String[] assignment(String word) {
        int equals = word.indexOf('=');
        if (equals <= 0) {
            throw new WrongUseException("-c takes key=value, not " + word);
        }
        return new String[] {word.substring(0, equals).strip(), word.substring(equals + 1)};
    }

    private static int printKeys(Deque<String> words) {
        if (!words.isEmpty()) {
            throw new WrongUseException("unknown option " + words.remove());
        }
        for (ConfigKey key : BrokerKeys.TABLE.all()) {
            String defaultValue = key.defaultValue();
            System.out.printf(
                    "%s (%s, default %s)%n    %s%n",
                    key.name(),
                    kind(key),
                    defaultValue == null || defaultValue.isEmpty() ? "none" : defaultValue,
                    key.doc());
        }
        return 0;
    }

    /** Its type, or what it may be where that is a choice. */
    private static String kind(ConfigKey key) {
        String type = key.type().name().toLowerCase(Locale.ROOT);
        return key.allowed().isEmpty()
                ? type
                : key.allowed().stream()
                        .filter(each -> !each.isEmpty())
                        .collect(Collectors.joining(" | ", type + " of ", ""));
    }
}
