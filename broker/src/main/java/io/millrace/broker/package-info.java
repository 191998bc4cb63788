/**
 * The broker process: configuration, wiring and the embeddable {@code Millrace}. Runs on the
 * caller's thread at start and stop; everything in between runs on the loops it wires together.
 */
@NullMarked
package io.millrace.broker;

import org.jspecify.annotations.NullMarked;
