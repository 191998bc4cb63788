/** Quorums of several nodes in one JVM, over real sockets and files. */
@NullMarked
package io.millrace.cluster.quorum;

import org.jspecify.annotations.NullMarked;
