/**
 * Idempotence: what each producer has written last, so that a repeated batch is recognised and a
 * gap refused (KIP-98). Pure: time comes in as an argument. Belongs to the log's owner.
 */
@NullMarked
package io.millrace.storage.producer;

import org.jspecify.annotations.NullMarked;
