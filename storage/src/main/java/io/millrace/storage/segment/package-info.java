/**
 * Segments: one data file of record batches each, with a sparse index by offset and time. Belong to
 * the log's owner; a {@link SegmentFile} is shared with whoever sends from it, by counting holds.
 */
@NullMarked
package io.millrace.storage.segment;

import org.jspecify.annotations.NullMarked;
