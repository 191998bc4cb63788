/** Values that share partitions and whoever talks to them exchange. Pure and immutable. */
@NullMarked
package io.millrace.broker.queue.model;

import org.jspecify.annotations.NullMarked;
