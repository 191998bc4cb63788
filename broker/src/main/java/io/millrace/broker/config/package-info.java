/**
 * Every configuration key with its type, default and sentence; reading and checking of values.
 * Immutable values, from any thread. Pure but for the files and environment that {@link
 * ConfigSources} is given.
 */
@NullMarked
package io.millrace.broker.config;

import org.jspecify.annotations.NullMarked;
