/**
 * Groups, as those outside see them: requests, replies, errors, descriptions. The machines are in
 * the packages below: {@code shard} holds the groups of a partition, {@code offsets} what they
 * commit, and each kind of group has its own. Pure: no clock, file, socket, thread or random
 * number.
 */
@NullMarked
package io.millrace.broker.group;

import org.jspecify.annotations.NullMarked;
