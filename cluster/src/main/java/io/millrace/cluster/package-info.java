/** Millrace cluster. */
@NullMarked
package io.millrace.cluster;

import org.jspecify.annotations.NullMarked;
