package io.millrace.broker.handler.share;

import io.millrace.broker.loop.Loops;
import io.millrace.broker.loop.OwnerLoop;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** The share sessions of every loop, for the handlers that share them. Immutable. */
public final class LoopSessions {
    /** Partitions that all sessions may name: some 20 MB. */
    private static final int MOST_TARGETS = 200_000;

    private final Loops loops;
    private final Map<OwnerLoop, ShareSessions> byLoop = new HashMap<>();

    /**
     * @param slots sessions at most, in all
     */
    public LoopSessions(Loops loops, int slots) {
        this.loops = loops;
        int count = loops.all().size();
        int share = (slots + count - 1) / count;
        loops.all()
                .forEach(loop ->
                        byLoop.put(loop, new ShareSessions(share, MOST_TARGETS / count)));
    }

    /** The loop that the calling thread is. */
    OwnerLoop loop() {
        return loops.current();
    }

    /** The sessions of that loop. */
    ShareSessions current() {
        return Objects.requireNonNull(byLoop.get(loops.current()));
    }
}
