package io.millrace.broker.loop;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;

/** All owner loops of a broker, and which of them owns a partition. Immutable. */
public final class Loops {
    private final List<OwnerLoop> loops = new ArrayList<>();

    /**
     * @param group its event loops become owner loops, one each
     */
    public Loops(EventLoopGroup group, BrokerClock clock) {
        for (EventExecutor executor : group) {
            loops.add(new OwnerLoop((EventLoop) executor, clock));
        }
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
