/**
 * The lab: producers and consumers with each delivery guarantee go through the same faults, and a
 * table and a page say what each lost or repeated. The command's thread drives it; clients and the
 * network have threads of their own, which share nothing with it but rows and journals. {@link
 * io.millrace.bench.lab.Reasons} is pure.
 */
@NullMarked
package io.millrace.bench.lab;

import org.jspecify.annotations.NullMarked;
