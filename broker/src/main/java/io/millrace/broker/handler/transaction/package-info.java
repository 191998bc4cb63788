/**
 * Transactions: who a producer is, what takes part, how it ends. Called on the event loop of the
 * connection that asked; sends work to the coordinator's shards and never blocks. May use
 * kafka-clients' message classes, broker.wire, broker.loop and broker.coordinator.
 */
@NullMarked
package io.millrace.broker.handler.transaction;

import org.jspecify.annotations.NullMarked;
