/** Reaches how fetches are read, for the simulation of clusters. */
@NullMarked
package io.millrace.broker.handler.fetch;

import org.jspecify.annotations.NullMarked;
