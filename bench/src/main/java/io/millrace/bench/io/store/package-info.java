/**
 * What jobs write to and read from: plain files in several ways, partition logs, Chronicle queues,
 * and the page cache below them. Each object blocks and belongs to the thread that runs the job.
 */
@NullMarked
package io.millrace.bench.io.store;

import org.jspecify.annotations.NullMarked;
