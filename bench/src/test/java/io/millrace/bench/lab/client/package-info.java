/** Tests of the lab. */
@NullMarked
package io.millrace.bench.lab.client;

import org.jspecify.annotations.NullMarked;
