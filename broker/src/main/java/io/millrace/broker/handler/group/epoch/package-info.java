/**
 * Groups whose members have epochs: heartbeats and descriptions. Called on the event loop of the
 * connection that asked; never blocks. May use kafka-clients' message classes.
 */
@NullMarked
package io.millrace.broker.handler.group.epoch;

import org.jspecify.annotations.NullMarked;
