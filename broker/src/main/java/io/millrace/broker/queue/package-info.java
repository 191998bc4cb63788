/**
 * Queues: the share partitions of one partition of {@code __share_group_state} as one machine.
 * Pure: no clock, file, socket, thread or random number; belongs to the shard's loop. May use
 * broker.shard and its own sub-packages.
 */
@NullMarked
package io.millrace.broker.queue;

import org.jspecify.annotations.NullMarked;
