/**
 * The door of the APIs: one {@link ApiHandler} per Kafka API, grouped in sub-packages. Called on
 * the event loop of the connection that asked; handlers must not block, and answer from any thread.
 * May use kafka-clients' message classes.
 */
@NullMarked
package io.millrace.broker.handler;

import org.jspecify.annotations.NullMarked;
