/** Tests of the port to the file system, on the machine's own. */
@NullMarked
package io.millrace.storage.disk;

import org.jspecify.annotations.NullMarked;
