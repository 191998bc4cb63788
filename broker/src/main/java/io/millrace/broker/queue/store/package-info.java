/**
 * How share partitions are kept in {@code __share_group_state}: which records a step becomes, and
 * what records give back. Pure; belongs to the loop of the shard.
 */
@NullMarked
package io.millrace.broker.queue.store;

import org.jspecify.annotations.NullMarked;
