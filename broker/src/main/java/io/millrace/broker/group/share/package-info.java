/**
 * Members of share groups (KIP-932): who they are, in which epoch, and which partitions each is to
 * fetch from. Several may have the same partition. What becomes of records is {@code
 * broker.queue}'s. Pure; a group belongs to the loop of its shard.
 */
@NullMarked
package io.millrace.broker.group.share;

import org.jspecify.annotations.NullMarked;
