/** Tests of how Kafka's consensus is run. */
@NullMarked
package io.millrace.cluster.quorum.raft;

import org.jspecify.annotations.NullMarked;
