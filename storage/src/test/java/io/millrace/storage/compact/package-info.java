/** Tests of {@code io.millrace.storage.compact}. */
@NullMarked
package io.millrace.storage.compact;

import org.jspecify.annotations.NullMarked;
