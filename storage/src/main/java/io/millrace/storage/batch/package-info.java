/**
 * Record batches (format v2 of Kafka's protocol): views, validation, CRC, compression, building.
 * Pure: no clock, file, socket or thread. Instances are not thread-safe; whoever holds one owns it.
 */
@NullMarked
package io.millrace.storage.batch;

import org.jspecify.annotations.NullMarked;
