/** Tests of {@code io.millrace.broker.config}. */
@NullMarked
package io.millrace.broker.config;

import org.jspecify.annotations.NullMarked;
