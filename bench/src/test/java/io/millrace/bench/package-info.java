/** Tests of what all commands of the bench share. */
@NullMarked
package io.millrace.bench;

import org.jspecify.annotations.NullMarked;
