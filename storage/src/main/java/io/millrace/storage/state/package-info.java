/**
 * What a log remembers of itself: in memory, and in the checkpoint beside its segments. Belongs to
 * the log's owner; touches no file itself.
 */
@NullMarked
package io.millrace.storage.state;

import org.jspecify.annotations.NullMarked;
