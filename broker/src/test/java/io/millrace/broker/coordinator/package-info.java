/** Tests of {@code io.millrace.broker.coordinator}. */
@NullMarked
package io.millrace.broker.coordinator;

import org.jspecify.annotations.NullMarked;
