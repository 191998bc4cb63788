/** Tests of the logs, on the real disk and with Kafka's own classes as the oracle. */
@NullMarked
package io.millrace.storage;

import org.jspecify.annotations.NullMarked;
