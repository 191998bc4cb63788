/** Tests of what brokers say to each other, without sockets. */
@NullMarked
package io.millrace.broker.handler.peer;

import org.jspecify.annotations.NullMarked;
