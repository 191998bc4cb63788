/**
 * Puts batches of another replica in the place of a quarantined range: the segment is written anew
 * beside the old one, which it replaces in one rename. Planned and applied on the log's owner's
 * thread; the copying may run on any other.
 */
@NullMarked
package io.millrace.storage.repair;

import org.jspecify.annotations.NullMarked;
