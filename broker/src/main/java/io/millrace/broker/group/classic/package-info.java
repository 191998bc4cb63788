/**
 * Classic groups: members that join, sync and beat, and a leader among them that assigns. Pure; a
 * group belongs to the loop of its shard.
 */
@NullMarked
package io.millrace.broker.group.classic;

import org.jspecify.annotations.NullMarked;
