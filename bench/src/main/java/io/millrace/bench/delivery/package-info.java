/**
 * What delivery costs: queues, transactions and rebalances of Millrace and Apache Kafka in turn,
 * through stock clients, and the memory of records that wait in Millrace's queues.
 */
@NullMarked
package io.millrace.bench.delivery;

import org.jspecify.annotations.NullMarked;
