/**
 * The transaction coordinator: which transactions are open, what is decided about them, and who has
 * yet to be told (KIP-98, KIP-447, KIP-890). Pure: no clock, file, socket, thread or random number;
 * a shard belongs to the loop of its partition of {@code __transaction_state}.
 */
@NullMarked
package io.millrace.broker.transaction;

import org.jspecify.annotations.NullMarked;
