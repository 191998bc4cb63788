/** Tests of single connections, without sockets. */
@NullMarked
package io.millrace.broker.wire;

import org.jspecify.annotations.NullMarked;
