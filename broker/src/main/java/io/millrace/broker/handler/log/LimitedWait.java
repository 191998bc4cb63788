package io.millrace.broker.handler.log;

import io.millrace.broker.loop.CommitWaiter;
import io.millrace.broker.loop.LogStarts;
import io.millrace.broker.loop.OwnerLoop.Cancellable;
import io.millrace.broker.loop.Partition;
import java.util.function.Consumer;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * A wait for the replicas of a partition that takes only so long. Used once, on the partition's
 * loop.
 */
public final class LimitedWait implements CommitWaiter {
    private final Partition partition;
    private final Consumer<Errors> then;
    private @Nullable Cancellable timer;
    private boolean over;

    /**
     * @param then told once how the wait ended
     */
    public LimitedWait(Partition partition, Consumer<Errors> then) {
        this.partition = partition;
        this.then = then;
    }

    /** Waits until everything before an offset is committed. */
    public void untilCommitted(long offset, int timeoutMs) {
        partition.whenCommitted(offset, this);
        limit(timeoutMs);
    }

    /** Waits until the logs of all that are in sync start at an offset, or later. */
    public void untilRaised(long logStart, int timeoutMs) {
        LogStarts.whenRaised(partition, logStart, this);
        limit(timeoutMs);
    }

    private void limit(int timeoutMs) {
        if (!over) {
            timer = partition.loop().schedule(this::tooLong, timeoutMs);
        }
    }

    @Override
    public void done(Commit outcome) {
        end(LogErrors.of(outcome));
    }

    private void tooLong() {
        if (!over) {
            partition.forget(this);
            end(Errors.REQUEST_TIMED_OUT);
        }
    }

    private void end(Errors error) {
        over = true;
        if (timer != null) {
            timer.cancel();
        }
        then.accept(error);
    }
}
