/**
 * The {@code millrace} command: topics, records, groups and the cluster, for people and scripts.
 * Each command runs on the main thread and may block. Speaks to any Kafka-compatible broker.
 */
@NullMarked
package io.millrace.client.cli;

import org.jspecify.annotations.NullMarked;
