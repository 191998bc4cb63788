package io.millrace.broker.transaction;

import io.millrace.broker.shard.Step;

/**
 * What a step of the coordinator asks for. Filled by one step, on the loop.
 *
 * @param <T> what a caller knows its requests by
 */
public final class TransactionStep<T> extends Step<T, TransactionReply, WriteMarkers> {}
