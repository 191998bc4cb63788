/**
 * Queues but for fetching from them: settings, offsets, dead letters (KIP-1191). Handlers are
 * called on the event loop of the connection that asked; work goes to the loops of partitions and
 * shards, and nothing blocks. May use kafka-clients' message classes, broker.wire, broker.loop and
 * broker.coordinator.
 */
@NullMarked
package io.millrace.broker.handler.queue;

import org.jspecify.annotations.NullMarked;
