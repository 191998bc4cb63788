/** Tests of {@code io.millrace.storage.producer}. */
@NullMarked
package io.millrace.storage.producer;

import org.jspecify.annotations.NullMarked;
