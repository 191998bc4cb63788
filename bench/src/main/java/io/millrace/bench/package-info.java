/** The benchmark: measures the broker against its peers and the disk. */
@NullMarked
package io.millrace.bench;

import org.jspecify.annotations.NullMarked;
