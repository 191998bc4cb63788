/** What nodes say to the active controller, written and read back. */
@NullMarked
package io.millrace.cluster.peer;

import org.jspecify.annotations.NullMarked;
