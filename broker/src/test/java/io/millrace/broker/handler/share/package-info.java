/** Tests of the handlers of share sessions. */
@org.jspecify.annotations.NullMarked
package io.millrace.broker.handler.share;
