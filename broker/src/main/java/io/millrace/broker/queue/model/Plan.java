package io.millrace.broker.queue.model;

import java.util.List;

/**
 * What a consumer might be given now. Nothing is promised: an acquisition decides.
 *
 * @param candidates records to be delivered, the preferred first
 * @param scanFrom where to look for more in the log; -1 not to
 * @param room records that may be acquired
 * @param nextMs when there may be more without anybody's doing; {@link Traits#NEVER}
 */
public record Plan(List<OffsetRange> candidates, long scanFrom, int room, long nextMs) {
    /** There is nothing to be given. */
    public static final Plan NOTHING = new Plan(List.of(), -1, 0, Traits.NEVER);

    /** Whether there is nothing to try. */
    public boolean isEmpty() {
        return candidates.isEmpty() && scanFrom < 0;
    }
}
