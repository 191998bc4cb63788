package io.millrace.broker.loop;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs tasks on the loops of several partitions, and one more when all of them are done. What the
 * tasks wrote is visible to the last one. Filled and started by one thread, each once.
 */
public final class Scatter {
    private static final Logger LOG = LoggerFactory.getLogger(Scatter.class);

    private final Map<OwnerLoop, List<Runnable>> tasks = new LinkedHashMap<>();

    /** Adds a task for a loop. */
    public void add(OwnerLoop loop, Runnable task) {
        tasks.computeIfAbsent(loop, key -> new ArrayList<>()).add(task);
    }

    /**
     * Sends the tasks out.
     *
     * @param then runs once, on the loop that finishes last, or here if there are no tasks
     */
    public void start(Runnable then) {
        if (tasks.isEmpty()) {
            then.run();
            return;
        }
        var remaining = new AtomicInteger(tasks.size());
        for (var share : tasks.entrySet()) {
            share.getKey()
                    .run(() -> {
                        share.getValue().forEach(Scatter::guarded);
                        if (remaining.decrementAndGet() == 0) {
                            then.run();
                        }
                    });
        }
    }

    private static void guarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            // The others' answers must still leave; this one keeps the answer it was filled with.
            LOG.error("A partition's share of a request failed here: please report it", e);
        }
    }
}
