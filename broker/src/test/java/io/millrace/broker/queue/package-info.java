/** Tests of queues. */
@NullMarked
package io.millrace.broker.queue;

import org.jspecify.annotations.NullMarked;
