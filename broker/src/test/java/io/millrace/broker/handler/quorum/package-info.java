/** Tests of the controller's listener, over real sockets. */
@org.jspecify.annotations.NullMarked
package io.millrace.broker.handler.quorum;
