package io.millrace.storage;

import io.millrace.storage.batch.BatchRules;
import io.millrace.storage.batch.Codec;
import io.millrace.storage.plan.RetentionPlan;
import org.jspecify.annotations.Nullable;

/**
 * The settings of one log, as Kafka's topic configuration names them.
 *
 * @param segment when to roll
 * @param retention what to keep
 * @param messages what to accept
 */
public record LogConfig(Segments segment, Retention retention, Messages messages) {
    private static final int INDEX_BYTES = 10 * 1024 * 1024;
    private static final long WEEK_MS = 7L * 24 * 3600 * 1000;
    private static final long DAY_MS = 24L * 3600 * 1000;

    /**
     * When to roll a segment.
     *
     * @param bytes {@code segment.bytes}
     * @param ms {@code segment.ms}
     * @param jitterMs {@code segment.jitter.ms}
     * @param indexBytes {@code segment.index.bytes}
     * @param indexIntervalBytes {@code index.interval.bytes}
     */
    public record Segments(
            int bytes, long ms, long jitterMs, int indexBytes, int indexIntervalBytes) {}

    /**
     * What to keep.
     *
     * @param delete whether {@code cleanup.policy} has delete
     * @param compact whether it has compact
     * @param ms {@code retention.ms}; -1 for ever
     * @param bytes {@code retention.bytes}; -1 any
     */
    public record Retention(
            boolean delete, boolean compact, long ms, long bytes, Compaction compaction) {
        /** The limits that deletion goes by. */
        public RetentionPlan.Limits limits() {
            return delete ? new RetentionPlan.Limits(ms, bytes) : RetentionPlan.Limits.NONE;
        }
    }

    /**
     * When and how to compact.
     *
     * @param minDirtyRatio {@code min.cleanable.dirty.ratio}
     * @param minLagMs {@code min.compaction.lag.ms}
     * @param maxLagMs {@code max.compaction.lag.ms}
     * @param deleteRetentionMs {@code delete.retention.ms}
     */
    public record Compaction(
            double minDirtyRatio, long minLagMs, long maxLagMs, long deleteRetentionMs) {}

    /**
     * What to accept, and how to store it.
     *
     * @param maxBatchBytes {@code max.message.bytes}
     * @param maxRecordBytes {@code max.decompressed.message.bytes}
     * @param logAppendTime whether {@code message.timestamp.type} is LogAppendTime
     * @param beforeMaxMs {@code message.timestamp.before.max.ms}
     * @param afterMaxMs {@code message.timestamp.after.max.ms}
     */
    public record Messages(
            int maxBatchBytes,
            int maxRecordBytes,
            boolean logAppendTime,
            long beforeMaxMs,
            long afterMaxMs,
            Compression compression) {}

    /**
     * How batches are compressed.
     *
     * @param codec {@code compression.type}; null keeps the producer's
     * @param level of that codec
     */
    public record Compression(@Nullable Codec codec, int level) {
        /** As the producer did. */
        public static final Compression OF_THE_PRODUCER =
                new Compression(null, Codec.DEFAULT_LEVEL);
    }

    /** Kafka's defaults. */
    public static LogConfig defaults() {
        return new LogConfig(
                new Segments(1 << 30, WEEK_MS, 0, INDEX_BYTES, 4096),
                new Retention(
                        true, false, WEEK_MS, -1, new Compaction(0.5, 0, Long.MAX_VALUE, DAY_MS)),
                new Messages(
                        1048588,
                        Integer.MAX_VALUE,
                        false,
                        Long.MAX_VALUE,
                        3_600_000,
                        Compression.OF_THE_PRODUCER));
    }

    public LogConfig withSegment(Segments changed) {
        return new LogConfig(changed, retention, messages);
    }

    public LogConfig withRetention(Retention changed) {
        return new LogConfig(segment, changed, messages);
    }

    public LogConfig withMessages(Messages changed) {
        return new LogConfig(segment, retention, changed);
    }

    /** What producers' batches have to keep to. */
    public BatchRules rules() {
        return new BatchRules(
                messages.maxBatchBytes(),
                messages.maxRecordBytes(),
                retention.compact(),
                messages.logAppendTime(),
                messages.beforeMaxMs(),
                messages.afterMaxMs());
    }
}
