package io.millrace.broker.loop;

import io.millrace.storage.disk.OpenFiles;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;

/** All owner loops of a broker, and which of them owns a partition. Immutable. */
public final class Loops {
    private static final int LEAST_OPEN_FILES = 16;

    private final EventLoopGroup group;
    private final List<OwnerLoop> loops = new ArrayList<>();

    /** Loops whose partitions may keep any number of files open, and any requests parked. */
    public Loops(EventLoopGroup group, BrokerClock clock) {
        this(group, clock, Integer.MAX_VALUE, Long.MAX_VALUE);
    }

    /**
     * @param group its event loops become owner loops, one each
     * @param openFiles segment files that the partitions of all loops keep open
     * @param parkedBytes of memory that requests which wait for records take on all loops
     */
    public Loops(EventLoopGroup group, BrokerClock clock, int openFiles, long parkedBytes) {
        this.group = group;
        int loopCount = 0;
        for (EventExecutor executor : group) {
            loopCount += executor.isShutdown() ? 0 : 1;
        }
        int each = Math.max(LEAST_OPEN_FILES, openFiles / Math.max(1, loopCount));
        long parkedEach = parkedBytes / Math.max(1, loopCount);
        for (EventExecutor executor : group) {
            loops.add(new OwnerLoop((EventLoop) executor, clock, new OpenFiles(each), parkedEach));
        }
    }

    /** For connections that may live on any of them. */
    public EventLoopGroup events() {
        return group;
    }

    public List<OwnerLoop> all() {
        return List.copyOf(loops);
    }

    /** The owner of a partition; the same for the whole life of the process. */
    public OwnerLoop ownerOf(String topic, int partition) {
        return loops.get(Math.floorMod(topic.hashCode() + partition, loops.size()));
    }

    /** The loop that the calling thread is. */
    public OwnerLoop current() {
        for (OwnerLoop loop : loops) {
            if (loop.isCurrent()) {
                return loop;
            }
        }
        throw new IllegalStateException("not on an owner loop");
    }
}
