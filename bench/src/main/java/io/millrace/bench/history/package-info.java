/**
 * Judges what clients saw. A history of sends, polls and commits goes in, the anomalies that it
 * shows come out, under the names that Jepsen's Kafka workload gives them. Pure: no clock, file,
 * socket, thread or random number; values may be used from any thread.
 */
@NullMarked
package io.millrace.bench.history;

import org.jspecify.annotations.NullMarked;
