package io.millrace.bench.delivery;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.protocol.Errors;

/**
 * A member of a group, without the rest of a consumer: it joins, heartbeats, and tells what it was
 * given. Stopped from another thread; everything else on its own.
 */
abstract class Member implements Turn.Task<Boolean> {
    static final int BEAT_MS = 100;
    private static final int RETRY_MS = 20;

    private volatile boolean stopped;

    /** Has the member leave its group at its next turn. */
    final void stop() {
        stopped = true;
    }

    final boolean isStopped() {
        return stopped;
    }

    final void pause() throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(BEAT_MS);
    }

    /** Waits if the coordinator is not there yet. */
    static boolean isToBeAskedAgain(Errors error) throws InterruptedException {
        boolean again =
                switch (error) {
                    case COORDINATOR_NOT_AVAILABLE, COORDINATOR_LOAD_IN_PROGRESS, NOT_COORDINATOR ->
                            true;
                    default -> false;
                };
        if (again) {
            TimeUnit.MILLISECONDS.sleep(RETRY_MS);
        }
        return again;
    }

    static IOException unexpected(String request, Errors error) {
        return new IOException("%s is answered %s".formatted(request, error));
    }
}
