/**
 * Groups of the consumer protocol (KIP-848): the coordinator assigns, members give up what is no
 * longer theirs before others get it. Pure; a group belongs to the loop of its shard.
 */
@NullMarked
package io.millrace.broker.group.consumer;

import org.jspecify.annotations.NullMarked;
