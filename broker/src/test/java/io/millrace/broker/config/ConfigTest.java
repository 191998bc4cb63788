package io.millrace.broker.config;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.storage.LogConfig;
import io.millrace.storage.batch.Codec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConfigTest {
    @TempDir Path folder = Path.of("unset");

    @Test
    void laterSourcesWin() throws IOException {
        Path file =
                Files.writeString(folder.resolve("c.properties"), "num.partitions=3\nnode.id=4\n");

        BrokerConfig config =
                new ConfigSources()
                        .file(file)
                        .environment(Map.of("MILLRACE_NUM_PARTITIONS", "5", "MILLRACE_PORT", "1"))
                        .put("millrace.port", "2")
                        .build();

        assertThat(config.integer("node.id")).isEqualTo(4);
        assertThat(config.integer("num.partitions")).isEqualTo(5);
        assertThat(config.integer("millrace.port")).isEqualTo(2);
    }

    @Test
    void anUnknownNameSuggestsTheNearest() {
        assertThatThrownBy(() -> new ConfigSources().put("num.partition", "1").build())
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("did you mean num.partitions?");
    }

    /** Found by use: "foo" was said to be meant as node.id. */
    @Test
    void aNameThatIsNearNoneSuggestsNone() {
        assertThatThrownBy(() -> new ConfigSources().put("foo", "1").build())
                .hasMessageContaining("Unknown configuration foo")
                .hasMessageContaining("millrace config")
                .hasMessageNotContaining("did you mean");
    }

    /** Found by use: a broker ran with one partition a topic, and said nothing. */
    @Test
    void aMisspelledVariableIsAWarningThatSuggestsTheNearest() {
        var sources =
                new ConfigSources()
                        .environment(
                                Map.of(
                                        "MILLRACE_NUM_PARTITION",
                                        "6",
                                        "MILLRACE_NUM_IO_THREADS",
                                        "8",
                                        "NUM_PARTITION",
                                        "7"));

        assertThat(sources.warnings())
                .containsExactly(
                        "Kafka's configuration num.io.threads has no meaning here; ignored",
                        "The variable MILLRACE_NUM_PARTITION is no setting;"
                                + " did you mean MILLRACE_NUM_PARTITIONS? Ignored");
        assertThat(sources.build().integer("num.partitions")).isEqualTo(1);
    }

    /** Of scripts, of the {@code millrace} command, of a container's service links. */
    @Test
    void aVariableThatIsNearNoKeyIsNotSpokenOf() {
        var environment = new HashMap<String, String>();
        Stream.of(
                        "CACHE CONFIG DATA NO_AOT JVM_OPTS CLI_JVM_OPTS BENCH_JVM_OPTS BENCH_FORMAT",
                        "CASE_NODES CASE_KILLS CASE_PORTS CASE_PATIENCE_S",
                        "BOOTSTRAP_SERVER COMMAND_CONFIG GROUP TOPIC PARTITION PARTITIONS",
                        "MAX_MESSAGES REPLICATION_FACTOR CONTROLLER FORMAT OUTPUT",
                        "SERVICE_HOST SERVICE_PORT PORT_9092_TCP PORT_9092_TCP_ADDR")
                .flatMap(names -> Stream.of(names.split(" ", -1)))
                .forEach(name -> environment.put("MILLRACE_" + name, "x"));

        assertThat(new ConfigSources().environment(environment).warnings()).isEmpty();
    }

    @Test
    void theFolderHasThreeVariables() {
        var environment = new HashMap<>(Map.of("MILLRACE_LOG_DIR", "/a"));

        assertThat(folder(environment)).isEqualTo(Path.of("/a"));
        environment.put("MILLRACE_LOG_DIRS", "/b");
        assertThat(folder(environment)).isEqualTo(Path.of("/b"));
        environment.put("MILLRACE_DATA_DIR", "/c");
        assertThat(folder(environment)).isEqualTo(Path.of("/c"));
    }

    private static Path folder(Map<String, String> environment) {
        return new ConfigSources().environment(environment).build().dataFolder();
    }

    /** Found by use: data went to the folder of the day, or to one with a comma in its name. */
    @Test
    void theDataLieInOneFolderThatHasAName() {
        for (String folders : List.of("", " ", "/a,/b")) {
            assertThatThrownBy(() -> BrokerConfig.of(Map.of("log.dirs", folders)))
                    .as(folders)
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("one folder");
        }
    }

    /** Found by use: Kafka's other name for it was left out with a warning. */
    @Test
    void kafkasLogDirNamesTheFolderUnlessLogDirsDoes() throws IOException {
        Path file = Files.writeString(folder.resolve("one.properties"), "log.dir=/one\n");
        Path both = Files.writeString(folder.resolve("b.properties"), "log.dirs=/b\nlog.dir=/a\n");

        assertThat(new ConfigSources().file(file).build().dataFolder()).isEqualTo(Path.of("/one"));
        assertThat(new ConfigSources().file(both).build().dataFolder()).isEqualTo(Path.of("/b"));
        assertThat(new ConfigSources().put("log.dir", "/c").warnings()).isEmpty();
    }

    @Test
    void aFileThatCannotBeReadSaysWhyWithoutNamesOfClasses() throws IOException {
        Path bytes = Files.write(folder.resolve("bytes"), new byte[] {-1, -2});
        Path escape = Files.writeString(folder.resolve("escape"), "\\uXYZ=1");

        for (var each :
                Map.of(
                                folder.resolve("none"),
                                "there is no such file",
                                bytes,
                                "not in UTF-8",
                                folder,
                                "directory",
                                escape,
                                "encoding")
                        .entrySet()) {
            assertThatThrownBy(() -> new ConfigSources().file(each.getKey()))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContainingAll(each.getKey().toString(), each.getValue())
                    .hasMessageNotContaining("Exception");
        }
    }

    /** Found by use: the bounds above were those of topics only, and a port had none. */
    @Test
    void aBrokersDefaultHasTheBoundsOfTheTopicsKey() {
        assertThatThrownBy(() -> BrokerConfig.of(Map.of("compression.gzip.level", "10")))
                .hasMessageContaining("at most 9");
        assertThatThrownBy(() -> BrokerConfig.of(Map.of("millrace.port", "65536")))
                .hasMessageContaining("at most 65535");
    }

    @Test
    void keysWithoutEffectSaySo() {
        ConfigKey key = requireNonNull(BrokerKeys.TABLE.find("log.preallocate"));

        assertThat(key.doc()).contains("preallocate", "Accepted");
    }

    @Test
    void aNameOfKafkasThatMeansNothingHereIsAWarning() {
        var sources = new ConfigSources().put("zookeeper.connect", "x").put("num.io.threads", "8");

        assertThat(sources.warnings())
                .anySatisfy(warning -> assertThat(warning).contains("num.io.threads"));
    }

    @Test
    void anIllegalValueSaysWhatIsAllowed() {
        assertThatThrownBy(() -> BrokerConfig.of(Map.of("num.partitions", "many")))
                .hasMessageContaining("num.partitions")
                .hasMessageContaining("many");
        assertThatThrownBy(() -> BrokerConfig.of(Map.of("millrace.durability", "maybe")))
                .hasMessageContaining("[fsync, os]");
        assertThatThrownBy(() -> BrokerConfig.of(Map.of("num.partitions", "0")))
                .hasMessageContaining("at least 1");
    }

    @Test
    void listenersAreTakenApart() {
        BrokerConfig config = BrokerConfig.of(Map.of("listeners", "PLAINTEXT://:9099"));

        assertThat(config.text(BrokerKeys.HOST)).isEqualTo("0.0.0.0");
        assertThat(config.integer(BrokerKeys.PORT)).isEqualTo(9099);
        assertThatThrownBy(() -> BrokerConfig.of(Map.of("listeners", "SSL://x:1")))
                .isInstanceOf(ConfigException.class);
    }

    @Test
    void topicsTakeTheBrokersDefaultsUnderTheOtherName() {
        BrokerConfig config =
                BrokerConfig.of(Map.of("log.retention.hours", "2", "message.max.bytes", "5000"));

        LogConfig log = TopicConfigs.logConfig(config, Map.of());

        assertThat(log.retention().ms()).isEqualTo(7_200_000);
        assertThat(log.messages().maxBatchBytes()).isEqualTo(5000);
    }

    @Test
    void topicsOwnValuesWin() {
        LogConfig log =
                TopicConfigs.logConfig(
                        BrokerConfig.of(Map.of()),
                        Map.of(
                                "cleanup.policy", "compact,delete",
                                "compression.type", "zstd",
                                "message.timestamp.type", "LogAppendTime"));

        assertThat(log.retention().compact()).isTrue();
        assertThat(log.retention().delete()).isTrue();
        assertThat(log.messages().compression().codec()).isEqualTo(Codec.ZSTD);
        assertThat(log.messages().logAppendTime()).isTrue();
    }

    @Test
    void anEmptyPolicyKeepsForEver() {
        LogConfig log =
                TopicConfigs.logConfig(BrokerConfig.of(Map.of()), Map.of("cleanup.policy", ""));

        assertThat(log.retention().limits().retentionMs()).isEqualTo(-1);
        assertThat(TopicKeys.TABLE.problem("cleanup.policy", "")).isNull();
        assertThat(TopicKeys.TABLE.problem("cleanup.policy", "shrink")).isNotNull();
    }

    @Test
    void everyKeyHasADefaultThatItAccepts() {
        for (KeyTable table :
                new KeyTable[] {
                    BrokerKeys.TABLE, TopicKeys.TABLE, GroupKeys.GROUPS, GroupKeys.CLIENT_METRICS
                }) {
            for (ConfigKey key : table.all()) {
                String value = key.defaultValue();
                assertThat(value == null ? null : key.problem(value)).as(key.name()).isNull();
                assertThat(key.doc()).endsWith(".");
            }
        }
    }

    /** A line of the list of Kafka 4.4.0's keys: of what, its name, its type and its default. */
    private static List<String[]> kafkasKeys(String of) throws IOException {
        try (InputStream in = ConfigTest.class.getResourceAsStream("kafka-4.4.0-keys.tsv")) {
            String all = new String(requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
            return all.lines()
                    .map(line -> line.split("\t", 4))
                    .filter(key -> key[0].equals(of))
                    .toList();
        }
    }

    @Test
    void everyTopicAndGroupKeyOfKafkasIsSupportedWithItsTypeAndDefault() throws IOException {
        for (String of : List.of("topic", "group")) {
            KeyTable table = of.equals("topic") ? TopicKeys.TABLE : GroupKeys.GROUPS;
            List<String[]> kafkas = kafkasKeys(of);
            assertThat(kafkas).hasSizeGreaterThan(20);
            for (String[] key : kafkas) {
                ConfigKey ours = Objects.requireNonNull(table.find(key[1]), key[1]);
                assertThat(ours.type().name()).as(key[1]).isEqualTo(key[2]);
                assertThat(Objects.requireNonNullElse(ours.defaultValue(), ""))
                        .as(key[1])
                        .isEqualTo(key[3]);
            }
        }
    }

    @Test
    void everyBrokerKeyOfKafkasIsSupportedOrSaidToMeanNothing() throws IOException {
        List<String[]> kafkas = kafkasKeys("broker");
        assertThat(kafkas).hasSizeGreaterThan(300);
        for (String[] key : kafkas) {
            var sources = new ConfigSources().put(key[1], "1");
            boolean warned = !sources.warnings().isEmpty();
            boolean synonym = key[1].equals("log.dir");

            assertThat(warned || synonym || BrokerKeys.TABLE.find(key[1]) != null)
                    .as(key[1])
                    .isTrue();
        }
    }

    @Test
    void anInternalSegmentSizeStandsInForTheOther() {
        LogConfig log =
                TopicConfigs.logConfig(
                        BrokerConfig.of(Map.of()),
                        Map.of("segment.bytes", "2000000", "internal.segment.bytes", "500"));

        assertThat(log.segment().bytes()).isEqualTo(500);
        assertThat(TopicKeys.TABLE.problem("internal.segment.bytes", "0")).isNotNull();
    }
}
