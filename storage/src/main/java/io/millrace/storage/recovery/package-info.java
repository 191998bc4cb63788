/**
 * Puts in order what a crash, a disk or a new leader has left of a log: recovery when it is opened,
 * verification while it runs, truncation. Recovery and truncation run on the owner's thread,
 * verification off it; all of them block.
 */
@NullMarked
package io.millrace.storage.recovery;

import org.jspecify.annotations.NullMarked;
