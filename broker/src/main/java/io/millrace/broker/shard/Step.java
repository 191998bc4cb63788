package io.millrace.broker.shard;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

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
    private final List<Iterator<StoredRecord>> last = new ArrayList<>(0);
    private final List<Reply<T, R>> replies = new ArrayList<>(2);
    private final List<E> effects = new ArrayList<>(0);

    /** A reply and the request that it is for. */
    public record Reply<T, R>(T request, R reply) {}

    /** Has a record stored, after those of this step so far. */
    public final void store(StoredRecord record) {
        records.add(record);
    }

    /**
     * Has records stored after all others of this step. They may be many, so that each is made when
     * it is asked for, and is told of the state at that time.
     */
    public final void storeLast(Iterator<StoredRecord> more) {
        last.add(more);
    }

    /** Has a reply sent, once every record of this step and of those before it is committed. */
    public final void reply(T request, R reply) {
        replies.add(new Reply<>(request, reply));
    }

    /** Has something done, once every record of this step and of those before it is committed. */
    public final void effect(E effect) {
        effects.add(effect);
    }

    /** Those that are there already. */
    public final List<StoredRecord> records() {
        return records;
    }

    /**
     * All that is to be stored, in order: to be asked for once, and gone through to its end before
     * the machine takes its next step.
     */
    public final Iterator<StoredRecord> allRecords() {
        var parts = new ArrayDeque<Iterator<StoredRecord>>();
        parts.add(List.copyOf(records).iterator());
        parts.addAll(last);
        last.clear();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                while (!parts.isEmpty() && !parts.getFirst().hasNext()) {
                    parts.removeFirst();
                }
                return !parts.isEmpty();
            }

            @Override
            public StoredRecord next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                return parts.getFirst().next();
            }
        };
    }

    public final List<Reply<T, R>> replies() {
        return replies;
    }

    public final List<E> effects() {
        return effects;
    }
}
