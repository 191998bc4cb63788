import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.state.Stores;

import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * Counts words exactly once, until it is killed. Usage: WordCount HOST:PORT APPLICATION INPUT
 * OUTPUT PROTOCOL
 */
public final class WordCount {
    private WordCount() {}

    public static void main(String[] args) {
        Properties settings = new Properties();
        settings.putAll(
                Map.of(
                        StreamsConfig.BOOTSTRAP_SERVERS_CONFIG,
                        args[0],
                        StreamsConfig.APPLICATION_ID_CONFIG,
                        args[1],
                        StreamsConfig.PROCESSING_GUARANTEE_CONFIG,
                        StreamsConfig.EXACTLY_ONCE_V2,
                        StreamsConfig.COMMIT_INTERVAL_MS_CONFIG,
                        100,
                        StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG,
                        0,
                        StreamsConfig.STATE_DIR_CONFIG,
                        System.getProperty("java.io.tmpdir"),
                        "group.protocol",
                        args[4],
                        "consumer.auto.offset.reset",
                        "earliest",
                        "transaction.timeout.ms",
                        5000));
        if (args[4].equals("classic")) {
            settings.put("consumer.session.timeout.ms", 6000);
            settings.put("consumer.heartbeat.interval.ms", 500);
        }
        StreamsBuilder builder = new StreamsBuilder();
        builder.stream(args[2], Consumed.with(Serdes.String(), Serdes.String()))
                .flatMapValues(line -> List.of(line.split(" ")))
                .groupBy((key, word) -> word, Grouped.with(Serdes.String(), Serdes.String()))
                .count(
                        Materialized.<String, Long>as(Stores.inMemoryKeyValueStore("counts"))
                                .withKeySerde(Serdes.String())
                                .withValueSerde(Serdes.Long()))
                .toStream()
                .to(args[3], Produced.with(Serdes.String(), Serdes.Long()));
        KafkaStreams streams = new KafkaStreams(builder.build(), settings);
        streams.setUncaughtExceptionHandler(failure -> {
            failure.printStackTrace();
            Runtime.getRuntime().halt(1);
            return null;
        });
        streams.start();
    }
}
