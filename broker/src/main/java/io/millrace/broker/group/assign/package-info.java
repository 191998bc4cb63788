/**
 * Who gets which partitions: sets of partitions, and the assignors that share them out. Values and
 * functions only; pure.
 */
@NullMarked
package io.millrace.broker.group.assign;

import org.jspecify.annotations.NullMarked;
