/**
 * What the kinds of groups have in common whose members have epochs: waits, topics that match, and
 * how partitions are stored. Pure; belongs to the loop of the shard.
 */
@NullMarked
package io.millrace.broker.group.member;

import org.jspecify.annotations.NullMarked;
