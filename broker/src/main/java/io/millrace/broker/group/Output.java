package io.millrace.broker.group;

import io.millrace.broker.shard.Step;

/**
 * What a step of the group machine asks for. Filled by one step, on the loop.
 *
 * @param <T> what a caller knows its requests by
 */
public final class Output<T> extends Step<T, GroupReply, GroupEffect> {}
