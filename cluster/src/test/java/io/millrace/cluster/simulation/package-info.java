/** What the simulations of this module share: the seeds that they play. Used by tests only. */
@NullMarked
package io.millrace.cluster.simulation;

import org.jspecify.annotations.NullMarked;
