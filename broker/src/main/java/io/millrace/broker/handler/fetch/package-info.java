/**
 * Fetch: long polls, incremental sessions (KIP-227) and records straight from segment files. Called
 * on the event loop of the connection that asked; sends work to the partitions' owner loops and
 * never blocks. May use kafka-clients' message classes, broker.wire and broker.loop.
 */
@NullMarked
package io.millrace.broker.handler.fetch;

import org.jspecify.annotations.NullMarked;
