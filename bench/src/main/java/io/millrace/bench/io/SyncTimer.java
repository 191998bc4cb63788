package io.millrace.bench.io;

import io.millrace.bench.io.plan.SyncPolicy;
import java.util.concurrent.TimeUnit;

/** Says after which writes to sync. Mutable; asked once a write. */
final class SyncTimer {
    private final SyncPolicy policy;
    private long writes;
    private long lastNs;

    SyncTimer(SyncPolicy policy, long nowNs) {
        this.policy = policy;
        this.lastNs = nowNs;
    }

    /** Whether a sync follows the write that ended now. */
    boolean isDue(long nowNs) {
        writes++;
        return switch (policy) {
            case SyncPolicy.Never never -> false;
            case SyncPolicy.Every(int group) -> writes % group == 0;
            case SyncPolicy.Interval(int ms) -> isOver(ms, nowNs);
        };
    }

    private boolean isOver(int ms, long nowNs) {
        boolean over = nowNs - lastNs >= TimeUnit.MILLISECONDS.toNanos(ms);
        if (over) {
            lastNs = nowNs;
        }
        return over;
    }
}
