/**
 * Which jobs a run of the disk's measurement has: what is done, by whom, with which syncs, and in
 * which chart it stands. Pure: values only, for any thread.
 */
@NullMarked
package io.millrace.bench.io.plan;

import org.jspecify.annotations.NullMarked;
