/**
 * A cluster of real nodes under every fault that this machine allows, and what its clients saw
 * judged. The command's thread drives it; the clients are the lab's, with threads of their own.
 */
@NullMarked
package io.millrace.bench.torture;

import org.jspecify.annotations.NullMarked;
