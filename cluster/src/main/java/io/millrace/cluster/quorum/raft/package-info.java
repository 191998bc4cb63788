/**
 * The engine for a quorum of several nodes: Kafka's own consensus behind our port. Nothing else
 * sees its types, but for the messages that {@link RaftQuorum#handle} takes.
 *
 * <p>Kafka's driver thread owns the consensus and its log, and hands what it has to tell over to
 * the metadata thread, in order; {@link RaftQuorum} lives there. Requests to other nodes go out on
 * a thread of their own, two more expire what waits, and one deletes old files.
 */
@NullMarked
package io.millrace.cluster.quorum.raft;

import org.jspecify.annotations.NullMarked;
