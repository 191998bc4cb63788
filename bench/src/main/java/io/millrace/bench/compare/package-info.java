/**
 * Millrace and Apache Kafka beside each other: starts each as a process with equal settings, in
 * turn, puts the same loads on both, and reports ratios. One thread drives it all; it blocks.
 */
@NullMarked
package io.millrace.bench.compare;

import org.jspecify.annotations.NullMarked;
