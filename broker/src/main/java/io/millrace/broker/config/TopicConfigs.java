package io.millrace.broker.config;

import io.millrace.storage.LogConfig;
import io.millrace.storage.batch.Codec;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What is in force for a topic: its own values over the broker's defaults. Stateless. */
public final class TopicConfigs {
    private static final long MINUTE_MS = 60_000;
    private static final long HOUR_MS = 60 * MINUTE_MS;

    private TopicConfigs() {}

    /** The default that the broker gives a topic's key. */
    public static String brokerDefault(BrokerConfig broker, String topicKey) {
        String value = broker.find(TopicKeys.synonym(topicKey));
        if (value != null) {
            return value;
        }
        return switch (topicKey) {
            case TopicKeys.SEGMENT_MS -> Long.toString(broker.number("log.roll.hours") * HOUR_MS);
            case TopicKeys.RETENTION_MS -> Long.toString(defaultRetentionMs(broker));
            default -> throw new IllegalArgumentException("no default of " + topicKey);
        };
    }

    private static long defaultRetentionMs(BrokerConfig broker) {
        long minutes = broker.number("log.retention.minutes");
        if (broker.isSet("log.retention.minutes")) {
            return minutes < 0 ? -1 : minutes * MINUTE_MS;
        }
        long hours = broker.number("log.retention.hours");
        return hours < 0 ? -1 : hours * HOUR_MS;
    }

    /** Every key of a topic with the value in force. */
    public static Map<String, String> effective(BrokerConfig broker, Map<String, String> own) {
        var effective = new TreeMap<String, String>();
        for (ConfigKey key : TopicKeys.TABLE.all()) {
            String value = own.get(key.name());
            effective.put(key.name(), value != null ? value : brokerDefault(broker, key.name()));
        }
        return effective;
    }

    /** What the log of such a topic is told. */
    public static LogConfig logConfig(BrokerConfig broker, Map<String, String> own) {
        var values = new Values(effective(broker, own));
        List<String> policy = ConfigKey.items(values.text(TopicKeys.CLEANUP_POLICY));
        String compression = values.text(TopicKeys.COMPRESSION_TYPE);
        return new LogConfig(
                new LogConfig.Segments(
                        segmentBytes(values, own),
                        values.number(TopicKeys.SEGMENT_MS),
                        values.number("segment.jitter.ms"),
                        values.integer("segment.index.bytes"),
                        values.integer("index.interval.bytes")),
                new LogConfig.Retention(
                        policy.contains("delete"),
                        policy.contains("compact"),
                        values.number(TopicKeys.RETENTION_MS),
                        values.number("retention.bytes"),
                        new LogConfig.Compaction(
                                Double.parseDouble(values.text("min.cleanable.dirty.ratio")),
                                values.number("min.compaction.lag.ms"),
                                values.number("max.compaction.lag.ms"),
                                values.number("delete.retention.ms"))),
                new LogConfig.Messages(
                        values.integer("max.message.bytes"),
                        values.integer("max.decompressed.message.bytes"),
                        values.text("message.timestamp.type").equals("LogAppendTime"),
                        values.number("message.timestamp.before.max.ms"),
                        values.number("message.timestamp.after.max.ms"),
                        new LogConfig.Compression(codec(compression), level(values, compression))));
    }

    private static int segmentBytes(Values values, Map<String, String> own) {
        String internal = own.get(TopicKeys.INTERNAL_SEGMENT_BYTES);
        return internal == null
                ? values.integer(TopicKeys.SEGMENT_BYTES)
                : Integer.parseInt(internal.strip());
    }

    private static @Nullable Codec codec(String compression) {
        return switch (compression) {
            case "gzip" -> Codec.GZIP;
            case "snappy" -> Codec.SNAPPY;
            case "lz4" -> Codec.LZ4;
            case "zstd" -> Codec.ZSTD;
            case "uncompressed" -> Codec.NONE;
            default -> null;
        };
    }

    private static int level(Values values, String compression) {
        return switch (compression) {
            case "gzip", "lz4", "zstd" -> values.integer("compression." + compression + ".level");
            default -> Codec.DEFAULT_LEVEL;
        };
    }

    private record Values(Map<String, String> map) {
        String text(String key) {
            String value = map.get(key);
            if (value == null) {
                throw new IllegalArgumentException("no topic key " + key);
            }
            return value;
        }

        int integer(String key) {
            return Integer.parseInt(text(key).strip());
        }

        long number(String key) {
            return Long.parseLong(text(key).strip());
        }
    }
}
