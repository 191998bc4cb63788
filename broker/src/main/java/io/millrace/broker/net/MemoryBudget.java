package io.millrace.broker.net;

import io.netty.channel.Channel;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bytes of requests that are in memory, over all connections. Past the soft limit no new frame is
 * begun; past the hard limit a frame that is still arriving loses its connection. The span between
 * the two lets frames that have begun finish, so that paused readers cannot deadlock the broker.
 * Thread-safe.
 */
public final class MemoryBudget {
    private final long softLimitBytes;
    private final long hardLimitBytes;
    private final AtomicLong usedBytes = new AtomicLong();
    private final Set<Channel> paused = ConcurrentHashMap.newKeySet();

    /**
     * @param softLimitBytes reading of new frames stops here
     * @param largestFrameBytes the largest frame that a connection may send; two of them fit
     *     between the limits
     */
    public MemoryBudget(long softLimitBytes, long largestFrameBytes) {
        this.softLimitBytes = softLimitBytes;
        this.hardLimitBytes = softLimitBytes + 2 * largestFrameBytes;
    }

    /** Bytes charged now. */
    public long usedBytes() {
        return usedBytes.get();
    }

    boolean isExhausted() {
        return usedBytes.get() >= softLimitBytes;
    }

    /** Charges {@code bytes}; false, and nothing charged, if that would pass the hard limit. */
    boolean tryCharge(long bytes) {
        if (usedBytes.addAndGet(bytes) <= hardLimitBytes) {
            return true;
        }
        usedBytes.addAndGet(-bytes);
        return false;
    }

    /** Charges what has to be let in: it stops what comes after it. */
    void charge(long bytes) {
        usedBytes.addAndGet(bytes);
    }

    /** Gives back what was charged and wakes paused connections once there is room. */
    public void release(long bytes) {
        if (usedBytes.addAndGet(-bytes) < softLimitBytes) {
            resumePaused();
        }
    }

    /** Stops reading from a channel until there is room again. Call on the channel's event loop. */
    void pause(Channel channel) {
        paused.add(channel);
        channel.config().setAutoRead(false);
        channel.pipeline().fireUserEventTriggered(Signal.PAUSED);
        if (!isExhausted()) {
            resumePaused();
        }
    }

    private void resumePaused() {
        for (Channel channel : List.copyOf(paused)) {
            if (paused.remove(channel)) {
                channel.eventLoop()
                        .execute(() -> channel.pipeline().fireUserEventTriggered(Signal.FREED));
            }
        }
    }

    /** Forgets a channel that was closed. */
    void forget(Channel channel) {
        paused.remove(channel);
    }

    /** Connections that wait for room. */
    int pausedConnections() {
        return paused.size();
    }

    /** What a connection's handlers are told. */
    public enum Signal {
        /** It may not be read: too many bytes are in memory. */
        PAUSED,
        /** It may be read again, if nothing else holds it back. */
        FREED
    }
}
