package io.millrace.broker.queue;

import io.millrace.broker.queue.model.DeadReason;
import io.millrace.broker.queue.model.QueueKey;
import java.util.List;

/** What a machine of queues wants done. */
public sealed interface QueueEffect {
    /** Consumers that found nothing may find something now. */
    record Wake(QueueKey key) implements QueueEffect {}

    /**
     * Records are to be written to the dead-letter topic; the answer is a {@link
     * QueueRequest.Buried}, or {@link QueueShard#burialFailed}.
     */
    record Bury(QueueKey key, List<Corpse> dead) implements QueueEffect {
        public Bury {
            dead = List.copyOf(dead);
        }

        /** The offsets of all. */
        public List<Long> offsets() {
            return dead.stream().map(Corpse::offset).toList();
        }
    }

    /** A dead record, how often it was delivered, and why it is not again. */
    record Corpse(long offset, int deliveries, DeadReason reason) {}
}
