/**
 * What strikes which node of a cluster, in which way and for how long, for one seed. Pure: no
 * clock, file, socket or thread, and no random number but the seed's.
 */
@NullMarked
package io.millrace.bench.torture.plan;

import org.jspecify.annotations.NullMarked;
