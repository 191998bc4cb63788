/** Tests of what measurements of delivery count by. */
@NullMarked
package io.millrace.bench.delivery;

import org.jspecify.annotations.NullMarked;
