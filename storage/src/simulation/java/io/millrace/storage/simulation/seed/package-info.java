/** Which histories the simulations of all modules play. */
@NullMarked
package io.millrace.storage.simulation.seed;

import org.jspecify.annotations.NullMarked;
