/**
 * All groups of one partition of {@code __consumer_offsets}, whatever their kinds: who is asked,
 * what kinds are in each other's way, what is stored and read again. Pure; belongs to the loop that
 * owns the partition.
 */
@NullMarked
package io.millrace.broker.group.shard;

import org.jspecify.annotations.NullMarked;
