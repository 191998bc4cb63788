/** Tests of the lab. */
@NullMarked
package io.millrace.bench.lab.fault;

import org.jspecify.annotations.NullMarked;
