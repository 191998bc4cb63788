/**
 * Tests of the package of the same name: lines to records and back, start points, tables, and what
 * wrong use gets.
 */
@NullMarked
package io.millrace.client.cli;

import org.jspecify.annotations.NullMarked;
