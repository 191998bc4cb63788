/**
 * The door to storage: {@link PartitionLog} and the exceptions. A log belongs to the thread of its
 * {@link LogOwner}; {@link LogSlice} may be used and released from any thread.
 */
@NullMarked
package io.millrace.storage;

import org.jspecify.annotations.NullMarked;
