/**
 * Consumer groups: pure machines. A {@link GroupShard} holds all groups of one partition of {@code
 * __consumer_offsets}; requests and time go in, records to store and replies to send come out. No
 * clock, file, socket, thread or random number; belongs to the loop that owns the partition.
 */
@NullMarked
package io.millrace.broker.group;

import org.jspecify.annotations.NullMarked;
