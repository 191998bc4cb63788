/**
 * Keeps the replicas on this broker going: fetches for those that follow other brokers, and tells
 * the controller whom those that lead want in sync. What belongs to a partition happens on its
 * loop.
 */
@NullMarked
package io.millrace.broker.replica;

import org.jspecify.annotations.NullMarked;
