package io.millrace.broker.group.shard;

import io.millrace.broker.group.ClusterView;
import io.millrace.broker.group.GroupLimits;
import io.millrace.broker.group.Output;

/**
 * One step of a shard: what it may touch, what it fills, and when it is.
 *
 * @param <T> what a caller knows its requests by
 */
record Turn<T>(
        GroupLimits limits, ClusterView cluster, GroupTable<T> groups, Output<T> out, long nowMs) {}
