/** Tests of how a leader that is gone is told. */
@NullMarked
package io.millrace.cluster.quorum.raft.channel;

import org.jspecify.annotations.NullMarked;
