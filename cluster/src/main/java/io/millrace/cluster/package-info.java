/**
 * The cluster as the rest of the broker sees it: {@link MetadataService} takes commands and
 * publishes committed images. It runs on a thread of its own; images may be read from any.
 */
@NullMarked
package io.millrace.cluster;

import org.jspecify.annotations.NullMarked;
