/** Tests of {@code io.millrace.broker.group}. */
@NullMarked
package io.millrace.broker.group;

import org.jspecify.annotations.NullMarked;
