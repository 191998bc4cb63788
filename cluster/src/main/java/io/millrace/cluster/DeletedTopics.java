package io.millrace.cluster;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/**
 * The topics that were deleted of late. One whose creation is asked for again is not to rise from
 * the dead: it was created, and somebody has deleted it since. Every node remembers them, as any
 * may lead next. On the metadata thread.
 */
final class DeletedTopics {
    /** Longer than anybody goes on asking for one thing, and than a request is under way. */
    private static final long REMEMBERED_MS = 60_000;

    private final Map<UUID, Long> deletedMs = new LinkedHashMap<>();

    void add(UUID topic, long nowMs) {
        var oldest = deletedMs.values().iterator();
        while (oldest.hasNext() && nowMs - oldest.next() > REMEMBERED_MS) {
            oldest.remove();
        }
        deletedMs.remove(topic);
        deletedMs.put(topic, nowMs);
    }

    boolean has(UUID topic) {
        return deletedMs.containsKey(topic);
    }
}
