/**
 * The one class of ours that must live in Kafka's package: it reaches a constructor that only this
 * package sees. Used by {@code io.millrace.cluster.quorum.raft} alone.
 */
@NullMarked
package org.apache.kafka.raft;

import org.jspecify.annotations.NullMarked;
