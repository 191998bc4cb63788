/**
 * A load generator that leaves the processor to the broker: requests are encoded once and sent
 * again and again, answers are looked at only as far as the load needs. Each load runs on threads
 * of its own; times are of {@link System#nanoTime}. May use kafka-clients to encode, never
 * Millrace's own modules: it must treat every broker alike.
 */
@NullMarked
package io.millrace.bench.load;

import org.jspecify.annotations.NullMarked;
