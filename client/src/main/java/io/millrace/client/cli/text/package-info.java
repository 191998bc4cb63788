/**
 * Text that goes into and out of the command: records as lines, tables, and what a user is told in
 * one line. Called on the command's thread; only {@link io.millrace.client.cli.text.LineReader}
 * blocks.
 */
@NullMarked
package io.millrace.client.cli.text;

import org.jspecify.annotations.NullMarked;
