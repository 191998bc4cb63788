/**
 * Three nodes of Millrace beside three of Apache Kafka: starts each cluster as processes with equal
 * times, in turn, and measures what replication costs, how long a partition takes nothing when a
 * node goes, and how fast one that returns catches up. One thread drives it all and blocks; a
 * steady producer has its own.
 */
@NullMarked
package io.millrace.bench.cluster;

import org.jspecify.annotations.NullMarked;
