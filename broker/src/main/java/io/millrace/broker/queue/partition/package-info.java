/**
 * One share partition (KIP-932): which records wait, which are held, by whom, until when, how often
 * they were delivered; and what Kafka's queues do not know: delay, backoff, order by key, priority,
 * time to live. Pure: no clock, file, socket, thread or random number; mutable, and owned by the
 * loop of the shard that it is part of.
 */
@NullMarked
package io.millrace.broker.queue.partition;

import org.jspecify.annotations.NullMarked;
