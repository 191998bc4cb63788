/**
 * Whole clusters by one seed: nodes made of the broker's partitions and fetchers, the storage, the
 * controller and Kafka's consensus, on a clock, a network and disks that the seed drives. Runs on
 * the test's thread.
 */
@NullMarked
package io.millrace.broker.simulation.cluster;

import org.jspecify.annotations.NullMarked;
