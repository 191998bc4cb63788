/**
 * How the replicas of a partition agree: a leader that knows how far its followers are, and
 * followers that know what to ask for. Pure: offsets and times in, offsets and wishes out. Used by
 * the thread that owns the partition.
 */
@NullMarked
package io.millrace.cluster.replication;

import org.jspecify.annotations.NullMarked;
