package io.millrace.broker.shard;

import java.util.ArrayList;
import java.util.List;

/**
 * What a step of a machine asks of its caller: store the records, and when they are committed send
 * the replies and carry out the effects. Filled by one step, on the loop.
 *
 * @param <T> what the caller knows its requests by
 * @param <R> a reply
 * @param <E> something to do that is neither a record nor a reply
 */
public class Step<T, R, E> {
    private final List<StoredRecord> records = new ArrayList<>(2);
    private final List<Reply<T, R>> replies = new ArrayList<>(2);
    private final List<E> effects = new ArrayList<>(0);

    /** A reply and the request that it is for. */
    public record Reply<T, R>(T request, R reply) {}

    /** Has a record stored, after those of this step so far. */
    public final void store(StoredRecord record) {
        records.add(record);
    }

    /** Has a reply sent, once every record of this step and of those before it is committed. */
    public final void reply(T request, R reply) {
        replies.add(new Reply<>(request, reply));
    }

    /** Has something done, once every record of this step and of those before it is committed. */
    public final void effect(E effect) {
        effects.add(effect);
    }

    public final List<StoredRecord> records() {
        return records;
    }

    public final List<Reply<T, R>> replies() {
        return replies;
    }

    public final List<E> effects() {
        return effects;
    }
}
