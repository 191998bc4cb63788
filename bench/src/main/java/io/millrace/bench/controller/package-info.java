/**
 * The controller with many brokers and partitions, in memory: what it costs to apply changes, to
 * fail over a broker and to keep it all. Drives the classes of production on one thread; knows
 * nothing of the network or disks.
 */
@NullMarked
package io.millrace.bench.controller;

import org.jspecify.annotations.NullMarked;
