/**
 * Partitions owned by loops: each {@link Partition}, its log and its parked requests belong to one
 * {@link OwnerLoop} (a Netty event loop) and are touched on it only; others send it tasks. {@link
 * PartitionDirectory} and {@link Scatter} may be used from any thread. May use storage and cluster;
 * knows nothing of Kafka's messages.
 */
@NullMarked
package io.millrace.broker.loop;

import org.jspecify.annotations.NullMarked;
