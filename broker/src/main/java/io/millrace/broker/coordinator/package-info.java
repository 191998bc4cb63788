/**
 * Runs coordinators on the loops that own their partitions: appends what a machine wants stored,
 * and sends its replies once that is committed. May use broker.loop and the machines.
 */
@NullMarked
package io.millrace.broker.coordinator;

import org.jspecify.annotations.NullMarked;
