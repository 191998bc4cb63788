/**
 * What a coordinator's machine and whoever runs it say to each other: records to store, replies to
 * send, effects to carry out. Pure: no clock, file, socket, thread or random number; values belong
 * to the loop that made them.
 */
@NullMarked
package io.millrace.broker.shard;

import org.jspecify.annotations.NullMarked;
