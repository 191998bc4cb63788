/**
 * Committed metadata records, folded into immutable images. Pure: no clock, file, socket, thread or
 * random number.
 */
@NullMarked
package io.millrace.cluster.metadata;

import org.jspecify.annotations.NullMarked;
