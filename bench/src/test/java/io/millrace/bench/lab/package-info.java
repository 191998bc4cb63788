/** Tests of the lab. */
@NullMarked
package io.millrace.bench.lab;

import org.jspecify.annotations.NullMarked;
