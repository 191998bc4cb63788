/**
 * Queues, members of share groups and logs that may be on another broker: asked for as if they were
 * here, and answered to other brokers. Called on any thread; answers come on some event loop, and
 * nothing blocks. May use kafka-clients' message classes, broker.wire, broker.loop,
 * broker.coordinator and our own messages of peer.proto.
 */
@NullMarked
package io.millrace.broker.handler.peer;

import org.jspecify.annotations.NullMarked;
