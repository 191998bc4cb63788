/**
 * A disk in memory that fails as real ones do, and seeded histories of one log over it. Everything
 * runs on the test's thread, in an order that the seed decides.
 */
@NullMarked
package io.millrace.storage.simulation;

import org.jspecify.annotations.NullMarked;
