/**
 * The hot parts alone, under JMH: each benchmark runs in a process of its own, on one thread, and
 * sees the parts by the doors that the broker uses.
 */
@NullMarked
package io.millrace.bench.micro;

import org.jspecify.annotations.NullMarked;
