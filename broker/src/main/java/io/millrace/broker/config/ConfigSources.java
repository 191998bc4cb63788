package io.millrace.broker.config;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Gathers settings from a file, the environment and the command line, each over the one before.
 * Names of Kafka's that mean nothing here are left out, with a warning.
 */
public final class ConfigSources {
    private static final String ENVIRONMENT_PREFIX = "MILLRACE_";

    /**
     * Kafka's name for the folder of a broker that has one; where both are set, the other counts.
     */
    private static final String ONE_DATA_DIR = "log.dir";

    private final Map<String, String> values = new TreeMap<>();
    private final List<String> warnings = new ArrayList<>();

    /**
     * Reads a {@code .properties} file.
     *
     * @throws ConfigException if it cannot be read
     */
    public ConfigSources file(Path file) {
        var properties = new Properties();
        try (BufferedReader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        } catch (IOException | IllegalArgumentException e) {
            throw new ConfigException(
                    "Cannot read the configuration %s: %s".formatted(file, reason(e)));
        }
        if (properties.containsKey(BrokerKeys.DATA_DIR)) {
            properties.remove(ONE_DATA_DIR);
        }
        properties.stringPropertyNames().forEach(name -> put(name, properties.getProperty(name)));
        return this;
    }

    /** What is wrong with a file; of some failures Java names the path only. */
    private static String reason(Exception failure) {
        return switch (failure) {
            case NoSuchFileException _ -> "there is no such file";
            case AccessDeniedException _ -> "this user may not read it";
            case CharacterCodingException _ -> "it is not in UTF-8";
            default -> String.valueOf(failure.getMessage());
        };
    }

    /**
     * Takes variables such as {@code MILLRACE_NUM_PARTITIONS}; {@code MILLRACE_PORT}, {@code
     * MILLRACE_HOST} and {@code MILLRACE_DATA_DIR} are short for their keys. Variables that begin
     * so may belong to others, as those of scripts do: a warning tells of what is a key of Kafka's
     * without meaning here, or near to one of these.
     */
    public ConfigSources environment(Map<String, String> environment) {
        var keys = new LinkedHashMap<String, String>();
        keys.put(variable(ONE_DATA_DIR), BrokerKeys.DATA_DIR);
        BrokerKeys.TABLE.all().forEach(key -> keys.put(variable(key.name()), key.name()));
        keys.put(variable("data.dir"), BrokerKeys.DATA_DIR);
        keys.forEach((variable, key) -> {
            String value = environment.get(variable);
            if (value != null) {
                values.put(key, value);
            }
        });
        var others = new TreeSet<>(environment.keySet());
        others.removeIf(name -> !name.startsWith(ENVIRONMENT_PREFIX) || keys.containsKey(name));
        if (!others.isEmpty()) {
            overlooked(others, keys.keySet());
        }
        return this;
    }

    private void overlooked(Set<String> variables, Set<String> known) {
        Map<String, String> kafkas = new TreeMap<>();
        kafkaNames().forEach(name -> kafkas.put(variable(name), name));
        for (String variable : variables) {
            String kafka = kafkas.get(variable);
            if (kafka != null) {
                warnings.add(withoutMeaning(kafka));
            } else {
                Nearest.of(bare(variable), known.stream().map(ConfigSources::bare))
                        .ifPresent(nearest ->
                                warnings.add(
                                        "The variable %s is no setting; did you mean %s%s? Ignored"
                                                .formatted(variable, ENVIRONMENT_PREFIX, nearest)));
            }
        }
    }

    private static String variable(String key) {
        return ENVIRONMENT_PREFIX
                + key.replaceFirst("^millrace\\.", "").replace('.', '_').toUpperCase(Locale.ROOT);
    }

    private static String bare(String variable) {
        return variable.substring(ENVIRONMENT_PREFIX.length());
    }

    private static String withoutMeaning(String kafkas) {
        return "Kafka's configuration %s has no meaning here; ignored".formatted(kafkas);
    }

    /** Sets one value. */
    public ConfigSources put(String name, String value) {
        if (name.equals(ONE_DATA_DIR)) {
            values.put(BrokerKeys.DATA_DIR, value.strip());
        } else if (BrokerKeys.TABLE.find(name) == null && kafkaNames().contains(name)) {
            warnings.add(withoutMeaning(name));
        } else {
            values.put(name, value.strip());
        }
        return this;
    }

    /** What was left out, a sentence each. */
    public List<String> warnings() {
        return warnings;
    }

    /**
     * The settings.
     *
     * @throws ConfigException if a key is unknown or a value illegal
     */
    public BrokerConfig build() {
        return BrokerConfig.of(values);
    }

    /** Every broker key of Kafka 4.4. */
    static Set<String> kafkaNames() {
        try (InputStream in = ConfigSources.class.getResourceAsStream("kafka-broker-keys.txt")) {
            if (in == null) {
                throw new IllegalStateException("kafka-broker-keys.txt is missing");
            }
            return new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))
                    .lines()
                    .collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException e) {
            throw new IllegalStateException("kafka-broker-keys.txt cannot be read", e);
        }
    }
}
