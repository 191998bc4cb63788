/**
 * What clients ask of partition logs besides produce and fetch: offsets, epochs, deletions,
 * producers, folders. Called on the event loop of the connection that asked; sends work to the
 * partitions' owner loops and never blocks. May use kafka-clients' message classes, broker.wire and
 * broker.loop.
 */
@NullMarked
package io.millrace.broker.handler.log;

import org.jspecify.annotations.NullMarked;
