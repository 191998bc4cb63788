package io.millrace.broker.handler.share;

import io.millrace.broker.loop.Loops;
import io.millrace.broker.loop.OwnerLoop;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** The share sessions of every loop, for the handlers that share them. Immutable. */
public final class LoopSessions {
    private final Loops loops;
    private final Map<OwnerLoop, ShareSessions> byLoop = new HashMap<>();

    /**
     * @param slots sessions at most, in all
     */
    public LoopSessions(Loops loops, int slots) {
        this.loops = loops;
        int share = (slots + loops.all().size() - 1) / loops.all().size();
        loops.all().forEach(loop -> byLoop.put(loop, new ShareSessions(share)));
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
