/**
 * Every file operation behind one port, {@link Disk}: the real one here, a simulated one with
 * faults in the tests. Blocking; a {@link DiskFile} may be read, synced and transferred from any
 * thread, and is written by its log's owner.
 */
@NullMarked
package io.millrace.storage.disk;

import org.jspecify.annotations.NullMarked;
