/** Tests of the requests that look at logs, without sockets. */
@NullMarked
package io.millrace.broker.handler.log;

import org.jspecify.annotations.NullMarked;
