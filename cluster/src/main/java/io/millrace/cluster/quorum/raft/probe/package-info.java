/** Finds out whether who does not answer is gone. */
@NullMarked
package io.millrace.cluster.quorum.raft.probe;

import org.jspecify.annotations.NullMarked;
