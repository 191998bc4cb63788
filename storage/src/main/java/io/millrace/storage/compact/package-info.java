/**
 * Compaction: the latest record of each key survives, offsets and order stay. The decisions are
 * pure; {@link Compaction} reads closed segments and writes new ones, and runs on a cleaner thread,
 * touching nothing of the log itself.
 */
@NullMarked
package io.millrace.storage.compact;

import org.jspecify.annotations.NullMarked;
