/**
 * Group commit: the threads that sync files while the owners go on appending. Hands results back to
 * the owner of the log; touches nothing of the log itself.
 */
@NullMarked
package io.millrace.storage.flush;

import org.jspecify.annotations.NullMarked;
