/** Kafka's consensus as a simulation of whole clusters drives it: one thread, one seed. */
@NullMarked
package io.millrace.cluster.quorum.raft;

import org.jspecify.annotations.NullMarked;
