/**
 * Kafka requests and responses over Netty buffers: one {@link Connection} decodes frames into
 * {@link Request}s, hands them to a dispatcher and writes the answers in request order. A
 * connection belongs to its event loop; {@link Request#answer} may be called from any thread.
 * {@link Peers} asks other brokers. May use kafka-clients' message classes, storage's {@code
 * LogSlice} and broker.net, nothing else of ours.
 */
@NullMarked
package io.millrace.broker.wire;

import org.jspecify.annotations.NullMarked;
