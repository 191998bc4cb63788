/** Tests of the package of the same name. */
@NullMarked
package io.millrace.bench.compare;

import org.jspecify.annotations.NullMarked;
