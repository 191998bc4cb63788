/** Tests of the command's text. */
@NullMarked
package io.millrace.client.cli.text;

import org.jspecify.annotations.NullMarked;
