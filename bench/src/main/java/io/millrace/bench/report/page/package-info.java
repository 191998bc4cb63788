/**
 * The page of a report: one HTML file that needs nothing beside it, its charts drawn as SVG. Pure:
 * reports go in, text comes out; any thread. Colours are CSS variables, so that light and dark need
 * no second drawing.
 */
@NullMarked
package io.millrace.bench.report.page;

import org.jspecify.annotations.NullMarked;
