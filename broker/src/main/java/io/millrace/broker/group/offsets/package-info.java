/**
 * Offsets that groups commit, whatever the kind of group. Pure; a group's offsets belong to the
 * loop of its shard.
 */
@NullMarked
package io.millrace.broker.group.offsets;

import org.jspecify.annotations.NullMarked;
