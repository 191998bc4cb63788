/** Tests of the broker as a whole, over real sockets and files. */
@NullMarked
package io.millrace.broker;

import org.jspecify.annotations.NullMarked;
