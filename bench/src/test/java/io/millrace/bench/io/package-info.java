/** Tests of the disk benchmark. */
@NullMarked
package io.millrace.bench.io;

import org.jspecify.annotations.NullMarked;
