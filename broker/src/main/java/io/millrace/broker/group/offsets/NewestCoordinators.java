package io.millrace.broker.group.offsets;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The newest coordinator that has decided for each producer, by its leader epoch; an older one
 * speaks of the past. Those not heard of for longest are forgotten. Mutable; belongs to its shard.
 */
final class NewestCoordinators {
    private static final int MOST = 10_000;

    private final Map<Long, Integer> epochs = new LinkedHashMap<>();

    /** Whether a newer one has decided for the producer. */
    boolean isStale(long producerId, int epoch) {
        return epoch < epochs.getOrDefault(producerId, epoch);
    }

    /** One has decided that is not stale. */
    void decided(long producerId, int epoch) {
        epochs.remove(producerId);
        epochs.put(producerId, epoch);
        if (epochs.size() > MOST) {
            epochs.remove(epochs.keySet().iterator().next());
        }
    }
}
