/** Tests of the handlers of topics and of the cluster. */
@org.jspecify.annotations.NullMarked
package io.millrace.broker.handler.topic;
