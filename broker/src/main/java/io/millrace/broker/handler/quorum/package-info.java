/**
 * The controller's listener: Kafka's consensus between nodes, commands that they pass on to whoever
 * leads, and what administrators ask controllers for. Called on the event loop of the connection
 * that asked; never blocks. May use kafka-clients' message classes, broker.wire and cluster.quorum.
 */
@NullMarked
package io.millrace.broker.handler.quorum;

import org.jspecify.annotations.NullMarked;
