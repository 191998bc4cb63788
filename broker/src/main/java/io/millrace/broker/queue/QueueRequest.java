package io.millrace.broker.queue;

import io.millrace.broker.queue.model.AckBatch;
import io.millrace.broker.queue.model.Acquisition;
import io.millrace.broker.queue.model.QueueKey;
import java.util.List;

/** What is asked of a share partition. */
public sealed interface QueueRequest {
    /** The share partition. */
    QueueKey key();

    /** To begin at an offset, if nothing is known of it yet. */
    record Initialize(QueueKey key, long startOffset) implements QueueRequest {}

    /** To hold records. */
    record Acquire(QueueKey key, Acquisition wish) implements QueueRequest {}

    /** To let records go that are held, all of them or none. */
    record Acknowledge(QueueKey key, String member, List<AckBatch> batches)
            implements QueueRequest {}

    /**
     * To let go of all that a member holds: it has gone.
     *
     * @param unanswered the share fetch that it got no answer to: what that took was not delivered;
     *     0 if there is none
     */
    record ReleaseAll(QueueKey key, String member, long unanswered) implements QueueRequest {}

    /** To take back what a share fetch took whose answer nobody can get any more. */
    record TakeBack(QueueKey key, String member, long unanswered) implements QueueRequest {}

    /** To forget everything and begin at an offset. */
    record Reset(QueueKey key, long startOffset) implements QueueRequest {}

    /** To forget the share partition. */
    record Delete(QueueKey key) implements QueueRequest {}

    /** To forget dead records, which are where they are to be. */
    record Buried(QueueKey key, List<Long> offsets) implements QueueRequest {}
}
