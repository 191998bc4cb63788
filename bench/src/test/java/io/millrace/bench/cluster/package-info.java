/** Tests of the package of the same name. */
@NullMarked
package io.millrace.bench.cluster;

import org.jspecify.annotations.NullMarked;
