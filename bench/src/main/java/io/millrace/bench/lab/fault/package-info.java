/**
 * What the lab breaks: a broker's process, its disk, its network, and the plan of what breaks when,
 * which is pure. The proxy's virtual threads serve connections; the rest runs on the lab's thread,
 * and {@link io.millrace.bench.lab.fault.FaultyDisk} on the broker's. Knows nothing of clients.
 */
@NullMarked
package io.millrace.bench.lab.fault;

import org.jspecify.annotations.NullMarked;
