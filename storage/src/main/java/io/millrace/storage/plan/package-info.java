/**
 * Decisions about a log: when to roll, what to retain, which leader epoch began where, what is
 * quarantined, what recovery concludes. Pure: no clock, file, socket or thread.
 */
@NullMarked
package io.millrace.storage.plan;

import org.jspecify.annotations.NullMarked;
