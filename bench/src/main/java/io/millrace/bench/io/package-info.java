/**
 * What a disk does with patterns of writes and reads, and what Millrace's logs and Chronicle Queue
 * make of it. Plans and names are values; what touches files blocks and belongs to the thread that
 * runs the pattern.
 */
@NullMarked
package io.millrace.bench.io;

import org.jspecify.annotations.NullMarked;
