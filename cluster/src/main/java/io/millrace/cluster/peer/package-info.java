/**
 * What nodes say to the active controller, and how it is written as bytes. Pure but for the port
 * {@link ControllerLink}, which the broker implements.
 */
@NullMarked
package io.millrace.cluster.peer;

import org.jspecify.annotations.NullMarked;
