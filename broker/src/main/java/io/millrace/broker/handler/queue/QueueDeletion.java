package io.millrace.broker.handler.queue;

import io.millrace.broker.handler.peer.QueueRouter;
import io.millrace.broker.queue.QueueRequest;
import io.millrace.broker.queue.model.QueueError;
import io.millrace.broker.queue.model.QueueKey;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.kafka.common.protocol.Errors;

/** Forgets queues of a group, wherever they are kept. Thread-safe. */
public final class QueueDeletion {
    private final QueueRouter queues;

    public QueueDeletion(QueueRouter queues) {
        this.queues = queues;
    }

    /**
     * What came of it.
     *
     * @param error why not all of the group's queues were found; those that were are gone
     * @param failed those that may not be gone, and why
     */
    public record Outcome(Errors error, Map<QueueKey, Errors> failed) {
        /** Whether all are gone. */
        public boolean isComplete() {
            return error == Errors.NONE && failed.isEmpty();
        }
    }

    /**
     * Forgets those queues of a group that a test holds for.
     *
     * @param then told when it is stored that they are gone; from any thread
     */
    public void delete(String group, Predicate<QueueKey> which, Consumer<Outcome> then) {
        queues.offsets(
                group,
                (found, why) ->
                        delete(
                                found.stream().map(each -> each.key()).filter(which).toList(),
                                why,
                                then));
    }

    private void delete(List<QueueKey> keys, QueueError why, Consumer<Outcome> then) {
        var failed = new ConcurrentHashMap<QueueKey, Errors>();
        var outcome = new Outcome(QueueErrors.ofCoordinator(why), failed);
        var open = new AtomicInteger(keys.size());
        if (keys.isEmpty()) {
            then.accept(outcome);
        }
        for (QueueKey key : keys) {
            queues.handle(
                    new QueueRequest.Delete(key),
                    reply -> {
                        Errors error = QueueErrors.ofCoordinator(reply.error());
                        if (error != Errors.NONE) {
                            failed.put(key, error);
                        }
                        if (open.decrementAndGet() == 0) {
                            then.accept(outcome);
                        }
                    });
        }
    }
}
