/**
 * Tasks of streams groups (KIP-1071): topologies, how many tasks they make, and who gets which.
 * Values and functions only; pure.
 */
@NullMarked
package io.millrace.broker.group.task;

import org.jspecify.annotations.NullMarked;
