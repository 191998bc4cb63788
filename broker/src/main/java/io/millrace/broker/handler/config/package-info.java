/**
 * Configuration of topics, brokers and groups. Called on the event loop of the connection that
 * asked; never blocks. May use kafka-clients' message classes, broker.wire and broker.loop.
 */
@NullMarked
package io.millrace.broker.handler.config;

import org.jspecify.annotations.NullMarked;
