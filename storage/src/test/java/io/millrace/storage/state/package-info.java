/** Tests of what a log remembers of itself. */
@NullMarked
package io.millrace.storage.state;

import org.jspecify.annotations.NullMarked;
