/**
 * The nodes of a tortured cluster: their processes, and the network, disks and clocks that they
 * have, each in the way that this machine allows. Used by the command's thread; blocks. Knows
 * nothing of clients.
 */
@NullMarked
package io.millrace.bench.torture.node;

import org.jspecify.annotations.NullMarked;
