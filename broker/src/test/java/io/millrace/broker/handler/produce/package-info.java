/** Tests of the way of a produce request, without sockets. */
@NullMarked
package io.millrace.broker.handler.produce;

import org.jspecify.annotations.NullMarked;
