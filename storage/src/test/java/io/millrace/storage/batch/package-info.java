/** Tests of {@code io.millrace.storage.batch}. */
@NullMarked
package io.millrace.storage.batch;

import org.jspecify.annotations.NullMarked;
