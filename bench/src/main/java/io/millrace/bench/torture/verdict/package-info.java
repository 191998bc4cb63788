/**
 * Judges what a cluster is like after all that struck it, beside what its clients saw: whether the
 * replicas hold the same bytes, how long nothing was acknowledged, what the nodes complained of.
 * Pure: no clock, file, socket, thread or random number.
 */
@NullMarked
package io.millrace.bench.torture.verdict;

import org.jspecify.annotations.NullMarked;
