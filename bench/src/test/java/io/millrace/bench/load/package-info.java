/** Tests of the package of the same name. */
@NullMarked
package io.millrace.bench.load;

import org.jspecify.annotations.NullMarked;
