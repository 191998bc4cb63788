/** Tests of the handlers of share groups. */
@org.jspecify.annotations.NullMarked
package io.millrace.broker.handler.share;
