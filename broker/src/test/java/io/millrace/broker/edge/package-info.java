/** Stock Kafka clients against a broker in this process. */
@NullMarked
package io.millrace.broker.edge;

import org.jspecify.annotations.NullMarked;
