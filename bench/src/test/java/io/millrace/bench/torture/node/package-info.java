/** Tests of what is read of nodes' files. */
@NullMarked
package io.millrace.bench.torture.node;

import org.jspecify.annotations.NullMarked;
