/**
 * Listeners, framing, back-pressure and the memory budget for request bytes. Everything runs on the
 * event loop of the connection, except {@link MemoryBudget} and {@link ConnectionLimit}, which any
 * loop may call. Knows frames, not what is in them: nothing here may touch Kafka's messages or
 * storage.
 */
@NullMarked
package io.millrace.broker.net;

import org.jspecify.annotations.NullMarked;
