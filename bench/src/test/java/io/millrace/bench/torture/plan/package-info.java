/** Tests of the plan of faults. */
@NullMarked
package io.millrace.bench.torture.plan;

import org.jspecify.annotations.NullMarked;
