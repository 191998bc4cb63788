/** Tests of the history checker. */
@NullMarked
package io.millrace.bench.history;

import org.jspecify.annotations.NullMarked;
