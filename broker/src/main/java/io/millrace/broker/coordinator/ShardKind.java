package io.millrace.broker.coordinator;

import io.millrace.broker.shard.Machine;
import io.millrace.broker.shard.Unavailable;
import java.util.function.Consumer;

/**
 * What distinguishes one coordinator's shards from another's.
 *
 * @param <S> the machine
 * @param <Q> its requests
 * @param <R> its replies
 * @param <E> its effects
 */
public interface ShardKind<S extends Machine<Consumer<R>, Q, R, E>, Q, R, E> {
    /** A machine that knows nothing yet. */
    S create();

    /** A machine is not used any more. On the shard's loop. */
    default void dropped(S machine) {}

    /** The reply to a request that no machine could take, in the form that it expects. */
    R refusal(Q request, Unavailable why);

    /**
     * Carries out an effect. On the shard's loop; must not block. What comes of it returns through
     * {@link ShardRunner#apply}.
     */
    void perform(ShardRunner<S, Q, R, E> shard, E effect);
}
