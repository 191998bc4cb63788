package io.millrace.broker.coordinator;

import io.millrace.broker.shard.Unavailable;
import org.jspecify.annotations.Nullable;

/**
 * Something that is asked of a shard and changes nothing.
 *
 * @param <S> the machine
 */
@FunctionalInterface
public interface Question<S> {
    /**
     * Reads what it wants from the shard, or gives it up if there is none. On the shard's loop.
     * Called again, without a shard, if what it saw comes to be lost.
     *
     * @param shard null if there is none to read
     * @param why why there is none; of no meaning otherwise
     * @return tells whoever asked; runs once what was read is committed
     */
    Runnable read(@Nullable S shard, Unavailable why);
}
