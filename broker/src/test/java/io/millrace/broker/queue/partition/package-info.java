/** Tests of single share partitions. */
@NullMarked
package io.millrace.broker.queue.partition;

import org.jspecify.annotations.NullMarked;
