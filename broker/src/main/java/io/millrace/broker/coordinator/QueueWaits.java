package io.millrace.broker.coordinator;

import io.millrace.broker.queue.model.QueueKey;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Fetches that wait for a share partition to have something for them. Thread-safe. */
final class QueueWaits {
    private final Map<QueueKey, Set<Runnable>> waiting = new ConcurrentHashMap<>();

    void add(QueueKey key, Runnable waiter) {
        waiting.compute(
                key,
                (same, present) -> {
                    Set<Runnable> all = present == null ? ConcurrentHashMap.newKeySet() : present;
                    all.add(waiter);
                    return all;
                });
    }

    void remove(QueueKey key, Runnable waiter) {
        waiting.computeIfPresent(
                key,
                (same, present) -> {
                    present.remove(waiter);
                    return present.isEmpty() ? null : present;
                });
    }

    /** Runs every waiter of a share partition; they stay. */
    void wake(QueueKey key) {
        Set<Runnable> all = waiting.get(key);
        if (all != null) {
            all.forEach(Runnable::run);
        }
    }

    /** Runs every waiter of a group; they stay. */
    void wakeGroup(String group) {
        waiting.keySet().stream().filter(key -> key.group().equals(group)).forEach(this::wake);
    }
}
