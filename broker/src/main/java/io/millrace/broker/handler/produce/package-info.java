/**
 * Produce: records in, acknowledgements out once they are as durable as promised. Called on the
 * event loop of the connection that asked; sends work to the partitions' owner loops and never
 * blocks. May use kafka-clients' message classes, broker.wire and broker.loop.
 */
@NullMarked
package io.millrace.broker.handler.produce;

import org.jspecify.annotations.NullMarked;
