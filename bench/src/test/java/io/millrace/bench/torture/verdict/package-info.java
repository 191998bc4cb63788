/** Tests of what judges a tortured cluster. */
@NullMarked
package io.millrace.bench.torture.verdict;

import org.jspecify.annotations.NullMarked;
