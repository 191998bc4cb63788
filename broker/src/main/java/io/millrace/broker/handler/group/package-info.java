/**
 * Classic consumer groups and their offsets. Called on the event loop of the connection that asked;
 * never blocks. May use kafka-clients' message classes, broker.wire and broker.loop.
 */
@NullMarked
package io.millrace.broker.handler.group;

import org.jspecify.annotations.NullMarked;
