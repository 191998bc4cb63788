/**
 * A disk in memory that fails as real ones do, under a seed. Compiled into the tests of storage,
 * cluster and broker.
 */
@NullMarked
package io.millrace.storage.simulation.disk;

import org.jspecify.annotations.NullMarked;
