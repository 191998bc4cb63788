package io.millrace.broker.group;

/**
 * Bounds of groups, by Kafka's configuration names.
 *
 * @param initialRebalanceDelayMs {@code group.initial.rebalance.delay.ms}
 * @param minSessionTimeoutMs {@code group.min.session.timeout.ms}
 * @param maxSessionTimeoutMs {@code group.max.session.timeout.ms}
 * @param maxSize {@code group.max.size}
 * @param maxMetadataBytes {@code offset.metadata.max.bytes}
 * @param offsetsRetentionMs {@code offsets.retention.minutes}, in milliseconds
 * @param maxGroups {@code millrace.group.max.per.partition}: groups that a shard has at most
 */
public record GroupLimits(
        int initialRebalanceDelayMs,
        int minSessionTimeoutMs,
        int maxSessionTimeoutMs,
        int maxSize,
        int maxMetadataBytes,
        long offsetsRetentionMs,
        int maxGroups) {}
