/**
 * Streams groups (KIP-1071): the coordinator knows the application's topology, has its internal
 * topics made, and assigns tasks. Pure; a group belongs to the loop of its shard.
 */
@NullMarked
package io.millrace.broker.group.streams;

import org.jspecify.annotations.NullMarked;
