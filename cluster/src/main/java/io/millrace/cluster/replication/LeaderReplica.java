package io.millrace.cluster.replication;

import io.millrace.cluster.metadata.NodeIds;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The leader of a partition in one epoch: how far its followers are, what is committed, and who it
 * wants in sync. After Kafka's replication with KIP-497 and KIP-966. Mutable, for the sake of the
 * produce and fetch paths.
 *
 * <p>A record is committed, and the high watermark past it, when every replica that is in sync has
 * it on disk. While it is not known whether the controller took a wish, the high watermark waits
 * for everybody who may be in sync: those of the metadata and those of the wish. Nothing is
 * committed while fewer are in sync than have to be, so that whoever leaves keeps all that is.
 */
public final class LeaderReplica {
    private final int self;
    private final long maxLagMs;
    private final long epochStart;
    private final Map<Integer, FollowerProgress> followers = new HashMap<>();
    private Terms terms;
    private long flushed;
    private long logEnd;
    private long highWatermark;
    private Optional<InSyncWish> wished = Optional.empty();

    /**
     * Where the leader's log is when it begins.
     *
     * @param flushed everything before it is on disk
     * @param logEnd the offset of the next record: where the epoch starts
     * @param highWatermark what it knew to be committed as a follower
     */
    public record Start(long flushed, long logEnd, long highWatermark) {}

    /**
     * @param self this node
     * @param maxLagMs {@code replica.lag.time.max.ms}
     */
    public LeaderReplica(int self, Terms terms, Start start, long maxLagMs, long nowMs) {
        this.self = self;
        this.terms = terms;
        this.flushed = start.flushed();
        this.logEnd = start.logEnd();
        this.epochStart = start.logEnd();
        this.highWatermark = start.highWatermark();
        this.maxLagMs = maxLagMs;
        follow(terms.replicas(), nowMs);
        advance();
    }

    private void follow(NodeIds replicas, long nowMs) {
        followers.keySet().removeIf(node -> !replicas.has(node));
        for (int node : replicas) {
            if (node != self) {
                followers.computeIfAbsent(node, _ -> new FollowerProgress(nowMs));
            }
        }
    }

    public Terms terms() {
        return terms;
    }

    /** Exclusive end of what is committed. Never goes back. */
    public long highWatermark() {
        return highWatermark;
    }

    /**
     * Whether the high watermark has passed all that was acknowledged before this epoch. A follower
     * hears late of what is committed, so as a new leader it knows at first of less than clients
     * do; it has all of it, before where its epoch starts.
     */
    public boolean knowsWhatWasCommitted() {
        return highWatermark >= epochStart || terms.replicas().size() == 1;
    }

    /** The log was appended to; returns the high watermark. */
    public long appended(long end) {
        logEnd = Math.max(logEnd, end);
        return highWatermark;
    }

    /** The log is on disk up to an offset; returns the high watermark. */
    public long flushed(long offset) {
        flushed = Math.max(flushed, offset);
        logEnd = Math.max(logEnd, flushed);
        return advance();
    }

    /**
     * A follower fetches: it has everything before {@code offset} on disk, and its log is one with
     * this one up to there. Returns the high watermark.
     *
     * @param nodeEpoch its registration; -1 if it does not say
     */
    public long fetched(int follower, long nodeEpoch, long offset, long nowMs) {
        FollowerProgress progress = followers.get(follower);
        if (progress == null || offset > logEnd) {
            return highWatermark;
        }
        progress.fetched(offset, nodeEpoch, logEnd, nowMs);
        return advance();
    }

    /** A follower has nothing before an offset. */
    public void startsAt(int follower, long logStart) {
        FollowerProgress progress = followers.get(follower);
        if (progress != null) {
            progress.startsAt(logStart);
        }
    }

    /** The least offset at which the log of a follower in sync starts; the largest if none is. */
    public long leastLogStart() {
        long least = Long.MAX_VALUE;
        for (Map.Entry<Integer, FollowerProgress> follower : followers.entrySet()) {
            if (mayBeInSync(follower.getKey())) {
                least = Math.min(least, follower.getValue().logStart());
            }
        }
        return least;
    }

    /** The followers in sync that have what begins at {@code offset}, and all before it. */
    public List<ReadReplica> readable(long offset) {
        var readable = new ArrayList<ReadReplica>(followers.size());
        for (Map.Entry<Integer, FollowerProgress> follower : followers.entrySet()) {
            int node = follower.getKey();
            FollowerProgress has = follower.getValue();
            if (terms.inSyncReplicas().has(node)
                    && has.logStart() <= offset
                    && has.offset() >= offset) {
                readable.add(new ReadReplica(node, has.offset(), has.caughtUpAtMs()));
            }
        }
        return readable;
    }

    /** Newer terms of the same leader epoch; returns the high watermark. */
    public long changed(Terms newer, long nowMs) {
        if (newer.partitionEpoch() < terms.partitionEpoch()) {
            return highWatermark;
        }
        if (newer.partitionEpoch() > terms.partitionEpoch()) {
            wished = Optional.empty();
        }
        for (int left : terms.inSyncReplicas().minus(newer.inSyncReplicas())) {
            FollowerProgress progress = followers.get(left);
            if (progress != null) {
                progress.leftInSync();
            }
        }
        terms = newer;
        follow(newer.replicas(), nowMs);
        return advance();
    }

    private long advance() {
        if (terms.isUnderMinimum()) {
            return highWatermark;
        }
        long least = flushed;
        for (Map.Entry<Integer, FollowerProgress> follower : followers.entrySet()) {
            if (mayBeInSync(follower.getKey())) {
                least = Math.min(least, follower.getValue().offset());
            }
        }
        highWatermark = Math.max(highWatermark, least);
        return highWatermark;
    }

    private boolean mayBeInSync(int node) {
        return terms.inSyncReplicas().has(node)
                || wished.isPresent() && wished.get().inSync().has(node);
    }

    /**
     * Who it wants in sync now, if that is a change; the wish is then under way, and no other is
     * made until the metadata changes or {@link #refused} says that it never will be granted. A
     * wish is granted or refused whole: who may not join would keep there who has to leave.
     */
    public Optional<InSyncWish> wish(long nowMs, Joiners joiners) {
        if (wished.isPresent()) {
            return Optional.empty();
        }
        NodeIds wanted = terms.inSyncReplicas();
        for (Map.Entry<Integer, FollowerProgress> follower : followers.entrySet()) {
            int node = follower.getKey();
            FollowerProgress progress = follower.getValue();
            if (!wanted.has(node)) {
                boolean caughtUp =
                        progress.offset() >= Math.max(highWatermark, epochStart)
                                && !progress.lags(logEnd, nowMs, maxLagMs)
                                && joiners.mayJoin(node, progress.nodeEpoch());
                wanted = caughtUp ? wanted.plus(node) : wanted;
            } else if (progress.lags(logEnd, nowMs, maxLagMs)) {
                wanted = wanted.minus(node);
            }
        }
        if (wanted.equals(terms.inSyncReplicas())) {
            return Optional.empty();
        }
        wished =
                Optional.of(
                        new InSyncWish(
                                terms.leaderEpoch(),
                                terms.partitionEpoch(),
                                wanted,
                                epochsOf(wanted)));
        return wished;
    }

    private List<Long> epochsOf(NodeIds nodes) {
        var epochs = new ArrayList<Long>(nodes.size());
        for (int node : nodes) {
            FollowerProgress progress = followers.get(node);
            epochs.add(progress == null ? -1 : progress.nodeEpoch());
        }
        return epochs;
    }

    /** The wish under way, to be sent again if it is not known what became of it. */
    public Optional<InSyncWish> wished() {
        return wished;
    }

    /** The controller has refused a wish for good. Returns the high watermark. */
    public long refused(InSyncWish wish) {
        if (wished.isPresent() && wished.get().equals(wish)) {
            wished = Optional.empty();
        }
        return advance();
    }
}
