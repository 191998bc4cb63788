/** Tests of {@code io.millrace.storage.plan}. */
@NullMarked
package io.millrace.storage.plan;

import org.jspecify.annotations.NullMarked;
