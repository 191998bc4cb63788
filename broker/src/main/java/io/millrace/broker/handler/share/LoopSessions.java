package io.millrace.broker.handler.share;

import io.millrace.broker.handler.peer.QueueRouter;
import io.millrace.broker.loop.Loops;
import io.millrace.broker.loop.OwnerLoop;
import io.millrace.broker.loop.Partition;
import io.millrace.broker.loop.PartitionDirectory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/** The share sessions of every loop, for the handlers that share them. Thread-safe. */
public final class LoopSessions {
    /** Partitions that all sessions may name: some 20 MB. */
    private static final int MOST_TARGETS = 200_000;

    private final Loops loops;
    private final QueueRouter queues;
    private final PartitionDirectory directory;
    private final Map<OwnerLoop, ShareSessions> byLoop = new HashMap<>();

    /**
     * @param slots sessions at most, in all
     * @param queues told what a member holds no longer when its connection ends
     */
    public LoopSessions(Loops loops, int slots, QueueRouter queues, PartitionDirectory directory) {
        this.loops = loops;
        this.queues = queues;
        this.directory = directory;
        var newest = new ConcurrentHashMap<ShareSession.Key, ShareSession>();
        int count = loops.all().size();
        int share = (slots + count - 1) / count;
        loops.all()
                .forEach(loop ->
                        byLoop.put(
                                loop,
                                new ShareSessions(
                                        share, MOST_TARGETS / count, newest, this::release)));
    }

    /**
     * Lets go of all that the member of a session holds, since it has gone. What a fetch took that
     * it got no answer to was not delivered (Kafka counts it). Left out are partitions that others
     * lead by now: it holds those in a session with them.
     */
    void release(ShareSession session) {
        var parts = new ArrayList<SharePart>();
        for (ShareSession.Target target : session.targets()) {
            SharePart part = SharePart.of(directory, session.key().group(), target, List.of());
            Partition partition = part.partition();
            if (partition != null && !queues.isElsewhere(partition.id())) {
                parts.add(part);
            }
        }
        ShareRequests.release(queues, session, parts);
    }

    /**
     * Forgets all sessions, so that nothing is released when the broker closes its connections:
     * members find what they hold again. From any thread.
     */
    public void stop() {
        byLoop.forEach((loop, each) -> loop.execute(each::stop));
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
