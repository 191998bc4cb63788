package io.millrace.broker.shard;

import com.google.protobuf.InvalidProtocolBufferException;

/**
 * A coordinator's part for one partition of its internal topic. Its state is the fold of the
 * records that it has asked to be stored: {@link #replay} of them gives it again, less who was
 * waiting for a reply.
 *
 * @param <T> what the caller knows its requests by
 * @param <Q> a request
 * @param <R> a reply
 * @param <E> something to do that is neither a record nor a reply
 */
public interface Machine<T, Q, R, E> {
    /** Handles one request. Its reply may come with this step or with a later one. */
    Step<T, R, E> handle(T request, Q asked, long nowMs);

    /** Does what time asks for. */
    Step<T, R, E> tick(long nowMs);

    /**
     * Applies a stored record.
     *
     * @param nowMs waits that the record implies, as a session, begin now
     * @throws InvalidProtocolBufferException if it cannot be decoded
     */
    void replay(StoredRecord record, long nowMs) throws InvalidProtocolBufferException;

    /**
     * The log has been replayed to its end, and requests follow.
     *
     * @return what a crash left to be done
     */
    default Step<T, R, E> loaded(long nowMs) {
        return new Step<>();
    }
}
