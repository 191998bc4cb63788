/** Tests of {@code io.millrace.client.cli.node}. */
@NullMarked
package io.millrace.client.cli.node;

import org.jspecify.annotations.NullMarked;
