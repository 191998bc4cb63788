/**
 * What a run of the bench found, as values, as JSON and as a page to look at. Pure but for {@link
 * io.millrace.bench.report.ReportFiles} and {@link io.millrace.bench.report.Machine}; any thread.
 */
@NullMarked
package io.millrace.bench.report;

import org.jspecify.annotations.NullMarked;
