/** Tests of the microbenchmarks' figures. */
@NullMarked
package io.millrace.bench.micro;

import org.jspecify.annotations.NullMarked;
