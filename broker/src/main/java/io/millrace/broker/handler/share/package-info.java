/**
 * Share fetches and share acknowledgements (KIP-932): sessions, looks into logs, delivery. Called
 * on the event loop of the connection that asked; sends work to the loops of partitions and shards
 * and never blocks. May use kafka-clients' message classes, broker.wire, broker.loop and
 * broker.coordinator.
 */
@NullMarked
package io.millrace.broker.handler.share;

import org.jspecify.annotations.NullMarked;
