/** Tests of the package of the same name. */
@NullMarked
package io.millrace.bench.report;

import org.jspecify.annotations.NullMarked;
