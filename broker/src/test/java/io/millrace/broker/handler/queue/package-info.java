/** Tests of the handlers of queues. */
@org.jspecify.annotations.NullMarked
package io.millrace.broker.handler.queue;
