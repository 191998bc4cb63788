package io.millrace.cluster.replication;

import io.millrace.cluster.controller.Command;
import io.millrace.cluster.controller.Liveness;
import io.millrace.cluster.controller.Policy;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.NodeImage;
import io.millrace.cluster.metadata.TopicImage;
import io.millrace.cluster.replication.FollowerReplica.Answer;
import io.millrace.cluster.replication.FollowerReplica.Step;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A node of the simulation: its disk, and what it knows while it runs. */
final class SimulatedNode {
    static final long LAG_MS = 1_000;
    private static final long FETCH_TIMEOUT_MS = 700;
    private static final int MOST_RECORDS = 20;

    final int id;
    final SimulatedLog log = new SimulatedLog();
    UUID directory;
    boolean running;

    private final SimulatedCluster cluster;
    private UUID incarnation = new UUID(0, 0);
    private long nodeEpoch = -1;
    private @Nullable ClusterImage image;
    private @Nullable LeaderReplica leader;
    private @Nullable FollowerReplica follower;
    private long highWatermark;
    private long lastFetchMs;
    private boolean fetching;
    private boolean syncing;
    private long fetchNumber;
    private int life;
    private final Deque<Waiting> waiting = new ArrayDeque<>();

    private record Waiting(long offset, long value) {}

    SimulatedNode(int id, SimulatedCluster cluster) {
        this.id = id;
        this.cluster = cluster;
        this.directory = cluster.id();
    }

    long highWatermark() {
        return highWatermark;
    }

    boolean leads() {
        return running && leader != null;
    }

    /** What a client is told that asks where the log ends; empty if it is to ask again. */
    OptionalLong toldEnd() {
        boolean known = leader != null && leader.knowsWhatWasCommitted();
        return leads() && (known || cluster.mistake == Mistake.END_TOLD_EARLY)
                ? OptionalLong.of(highWatermark)
                : OptionalLong.empty();
    }

    int epochLed() {
        return leader == null ? -1 : leader.terms().leaderEpoch();
    }

    int life() {
        return life;
    }

    UUID incarnation() {
        return incarnation;
    }

    void start() {
        running = true;
        life++;
        incarnation = cluster.id();
        nodeEpoch = -1;
        image = null;
        leader = null;
        follower = null;
        highWatermark = 0;
        fetching = false;
        syncing = false;
        register();
    }

    void register() {
        cluster.toController(
                this,
                new Command.RegisterNode(
                        new NodeImage(
                                id,
                                "h",
                                1,
                                "",
                                new NodeImage.Registration(
                                        0, incarnation, directory, true, false))));
    }

    void crash(boolean wiped) {
        running = false;
        life++;
        waiting.clear();
        log.crash(cluster.random);
        if (wiped) {
            log.wipe();
            directory = cluster.id();
        }
    }

    /** Newer metadata, in order. A node takes no part before it sees its own registration. */
    void see(ClusterImage newer) {
        image = newer;
        NodeImage self = newer.nodes().get(id);
        if (self == null || !self.registration().incarnation().equals(incarnation)) {
            return;
        }
        nodeEpoch = self.registration().epoch();
        TopicImage topic = newer.topic(SimulatedCluster.TOPIC);
        if (topic != null) {
            int minimum = Policy.DEFAULT.of(newer, topic.name()).minInSyncReplicas();
            Terms terms = Terms.of(topic.partitions().getFirst(), minimum);
            take(cluster.mistake == Mistake.MINIMUM_NOT_CHECKED ? lenient(terms) : terms);
        }
    }

    private static Terms lenient(Terms terms) {
        return new Terms(
                terms.leader(),
                terms.leaderEpoch(),
                terms.partitionEpoch(),
                terms.replicas(),
                terms.inSyncReplicas(),
                1);
    }

    private void take(Terms terms) {
        if (terms.leader() == id) {
            if (leader != null && leader.terms().leaderEpoch() == terms.leaderEpoch()) {
                raise(leader.changed(terms, cluster.nowMs));
            } else {
                log.beginEpoch(terms.leaderEpoch());
                var start = new LeaderReplica.Start(log.flushed(), log.end(), highWatermark);
                leader = new LeaderReplica(id, terms, start, LAG_MS, cluster.nowMs);
                cluster.leads(this, terms.leaderEpoch());
                follower = null;
                raise(leader.highWatermark());
            }
            return;
        }
        leader = null;
        waiting.clear();
        boolean follows = terms.leader() >= 0 && terms.replicas().has(id);
        var wanted = new FollowerReplica(terms.leader(), terms.leaderEpoch());
        if (!follows) {
            follower = null;
        } else if (!wanted.equals(follower)) {
            follower = wanted;
            fetching = false;
        }
    }

    private void raise(long committed) {
        highWatermark = Math.max(highWatermark, committed);
        long acknowledged =
                cluster.mistake == Mistake.ACK_BEFORE_IN_SYNC ? log.flushed() : highWatermark;
        while (!waiting.isEmpty() && waiting.peek().offset() < acknowledged) {
            Waiting done = waiting.remove();
            cluster.acknowledged(epochLed(), done.offset(), done.value());
        }
    }

    void produce(long value) {
        if (leader != null && log.end() < highWatermark + SimulatedCluster.MOST_UNCOMMITTED) {
            waiting.add(new Waiting(log.end(), value));
            log.append(new SimulatedLog.Entry(leader.terms().leaderEpoch(), value));
            raise(leader.appended(log.end()));
            flushSoon();
        }
    }

    /** One sync at a time; what is appended meanwhile waits for the next. */
    private void flushSoon() {
        if (syncing || log.flushed() == log.end()) {
            return;
        }
        syncing = true;
        long upTo = log.end();
        int lifeThen = life;
        int slow = cluster.random.nextInt(4) == 0 ? 600 : 40;
        cluster.later(
                1 + cluster.random.nextInt(slow),
                () -> {
                    if (running && life == lifeThen) {
                        syncing = false;
                        flushed(upTo);
                        flushSoon();
                    }
                });
    }

    private void flushed(long upTo) {
        log.flush(upTo);
        if (leader != null) {
            raise(leader.flushed(log.flushed()));
        }
    }

    void tick() {
        long now = cluster.nowMs;
        if (nodeEpoch < 0) {
            return;
        }
        ClusterImage seen = Objects.requireNonNull(image);
        cluster.heartbeat(
                this, new Liveness.Heartbeat(id, nodeEpoch, seen.endOffset(), false, false));
        if (leader != null) {
            leader.wish(now, Joiners.of(seen));
            leader.wished().ifPresent(this::send);
        }
        boolean due = !fetching || now - lastFetchMs > FETCH_TIMEOUT_MS;
        if (follower != null && due) {
            fetch(follower);
        }
    }

    private void send(InSyncWish wish) {
        cluster.toController(
                this,
                new Command.AlterPartition(
                        id,
                        nodeEpoch,
                        SimulatedCluster.TOPIC_ID,
                        0,
                        wish.leaderEpoch(),
                        wish.partitionEpoch(),
                        wish.inSync(),
                        wish.nodeEpochs()),
                () -> {
                    if (leader != null) {
                        raise(leader.refused(wish));
                    }
                });
    }

    private void fetch(FollowerReplica following) {
        fetching = true;
        lastFetchMs = cluster.nowMs;
        long offset = cluster.mistake == Mistake.SYNC_SKIPPED ? log.end() : log.flushed();
        if (cluster.mistake != Mistake.SYNC_SKIPPED && log.flushed() < log.end()) {
            fetching = false;
            return;
        }
        int lastEpoch = log.epochBefore(offset);
        long from = nodeEpoch;
        int lifeThen = life;
        long number = ++fetchNumber;
        SimulatedNode to = cluster.node(following.leader());
        cluster.send(
                id,
                to.id,
                () -> {
                    Fetched answer = to.serve(id, from, following.leaderEpoch(), offset, lastEpoch);
                    if (answer != null) {
                        cluster.send(
                                to.id,
                                id,
                                () -> {
                                    boolean late = !fetching || number != fetchNumber;
                                    boolean taken =
                                            !late || cluster.mistake == Mistake.LATE_ANSWER_TAKEN;
                                    if (running && life == lifeThen && taken) {
                                        fetched(following, offset, answer);
                                    }
                                });
                    }
                });
    }

    private record Fetched(Answer answer, List<SimulatedLog.Entry> records) {}

    private @Nullable Fetched serve(
            int from, long fromEpoch, int epoch, long offset, int lastEpoch) {
        if (!running || leader == null) {
            return null;
        }
        boolean checks = cluster.mistake != Mistake.EPOCH_NOT_CHECKED;
        if (checks && epoch != leader.terms().leaderEpoch()) {
            return null;
        }
        if (offset > log.end()) {
            return new Fetched(new Answer.OutOfRange(0, log.end()), List.of());
        }
        FollowerReplica.EpochEnd end = log.endOfEpoch(lastEpoch);
        if (checks && lastEpoch >= 0 && (end.epoch() < lastEpoch || end.endOffset() < offset)) {
            return new Fetched(new Answer.Diverging(end.epoch(), end.endOffset()), List.of());
        }
        raise(leader.fetched(from, fromEpoch, offset, cluster.nowMs));
        var records = new ArrayList<SimulatedLog.Entry>();
        for (long at = offset; at < log.end() && records.size() < MOST_RECORDS; at++) {
            records.add(log.get(at));
        }
        return new Fetched(new Answer.Records(0, highWatermark), records);
    }

    private void fetched(FollowerReplica asked, long offset, Fetched fetched) {
        boolean current = asked.equals(follower);
        if (!current && cluster.mistake != Mistake.EPOCH_NOT_CHECKED || leader != null) {
            return;
        }
        fetching = false;
        if (offset != log.end()) {
            return;
        }
        var own = new FollowerReplica.Log(0, log.flushed(), log.end());
        FollowerReplica.EpochEnd ownEnd =
                fetched.answer() instanceof Answer.Diverging(int epoch, long _)
                        ? log.endOfEpoch(epoch)
                        : new FollowerReplica.EpochEnd(-1, 0);
        switch (asked.on(fetched.answer(), own, ownEnd)) {
            case Step.Append(long _, long committed) -> {
                fetched.records().forEach(log::append);
                flushSoon();
                long shown = FollowerReplica.highWatermark(committed, log.flushed());
                boolean ahead = cluster.mistake == Mistake.HIGH_WATERMARK_AHEAD;
                highWatermark = Math.max(highWatermark, ahead ? log.end() : shown);
            }
            case Step.Truncate(long to) -> truncate(to);
            case Step.RestartAt(long to) -> truncate(to);
        }
    }

    private void truncate(long to) {
        if (cluster.mistake != Mistake.TRUNCATION_SKIPPED) {
            cluster.truncates(this, to);
            log.truncate(to);
            highWatermark = Math.min(highWatermark, to);
        }
    }

    @Override
    public String toString() {
        return "node %d: running %s, leads %s, follows %s, log %d of which flushed %d, shows %d"
                .formatted(
                        id,
                        running,
                        leader == null ? "nothing" : leader.terms() + " " + leader.wished(),
                        follower,
                        log.end(),
                        log.flushed(),
                        highWatermark);
    }
}
