package io.millrace.broker.queue;

import io.millrace.broker.queue.model.QueueError;
import io.millrace.broker.queue.partition.Acquired;
import java.util.List;

/** What comes of a request. */
public sealed interface QueueReply {
    QueueError error();

    /** Done, or refused. */
    record Plain(QueueError error) implements QueueReply {}

    /** Records that are held from now on, in the order of their offsets. */
    record Held(QueueError error, List<Acquired> acquired) implements QueueReply {}
}
