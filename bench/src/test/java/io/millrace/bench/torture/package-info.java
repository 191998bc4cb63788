/** Tests of a torture's verdict. */
@NullMarked
package io.millrace.bench.torture;

import org.jspecify.annotations.NullMarked;
