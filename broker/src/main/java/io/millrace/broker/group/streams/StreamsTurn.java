package io.millrace.broker.group.streams;

import io.millrace.broker.group.ClusterView;
import io.millrace.broker.group.GroupEffect;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.Output;
import io.millrace.broker.group.StreamsHeartbeat;
import io.millrace.broker.group.StreamsHeartbeat.Answer;
import io.millrace.broker.group.StreamsHeartbeat.OwnedTasks;
import io.millrace.broker.group.StreamsHeartbeat.Status;
import io.millrace.broker.group.member.TopicsHash;
import io.millrace.broker.group.streams.StreamsMember.Phase;
import io.millrace.broker.group.streams.StreamsMember.Position;
import io.millrace.broker.group.task.Layout;
import io.millrace.broker.group.task.StickyTasks;
import io.millrace.broker.group.task.Tasks;
import io.millrace.broker.group.task.Topology;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One step of a streams group: changes it, and stores at the end, once each, what has changed. Used
 * for one request or tick, on the loop.
 */
public final class StreamsTurn {
    private static final String SESSION = "streams.session.timeout.ms";
    private static final String HEARTBEAT = "streams.heartbeat.interval.ms";
    private static final String INTERVAL = "streams.assignment.interval.ms";
    private static final String DELAY = "streams.initial.rebalance.delay.ms";
    private static final int ASK_AGAIN_MS = 5000;
    private static final String STANDBYS = "streams.num.standby.replicas";

    private final StreamsGroup group;
    private final ClusterView cluster;
    private final Output<?> out;
    private final long nowMs;
    private final Set<String> touched = new LinkedHashSet<>();
    private boolean groupTouched;

    /** The epoch of the targets that are stored whole. */
    private int storedTargetEpoch;

    public StreamsTurn(StreamsGroup group, ClusterView cluster, Output<?> out, long nowMs) {
        this.group = group;
        this.cluster = cluster;
        this.out = out;
        this.nowMs = nowMs;
        this.storedTargetEpoch = group.targetEpoch();
    }

    /** Handles a heartbeat that makes sense in itself. */
    public Answer heartbeat(StreamsHeartbeat beat, int maxSize) {
        StreamsMember known = group.member(beat.memberId());
        GroupError error = check(beat, known, maxSize);
        if (error != GroupError.NONE) {
            return Answer.failed(error, null);
        }
        if (beat.epoch() == StreamsHeartbeat.LEAVE) {
            fence(Set.of(beat.memberId()));
            finish();
            return new Answer(
                    GroupError.NONE, null, beat.memberId(), beat.epoch(), 0, null, List.of());
        }
        boolean adopted = adopt(beat.topology());
        boolean changed = known == null || adopted;
        StreamsMember before = known == null ? StreamsMember.fresh(beat) : known;
        StreamsMember said = before.updated(beat);
        if (known == null || !said.equals(before)) {
            put(said);
        }
        if (beat.shutdown()) {
            group.shutDown(true);
        }
        prepare(changed);
        StreamsMember after = reconcile(said.id(), beat.owned());
        group.waits().renew(after.id(), nowMs + setting(SESSION));
        finish();
        return answer(beat, before.position().held(), after);
    }

    private Answer answer(StreamsHeartbeat beat, Tasks before, StreamsMember after) {
        Tasks held = after.position().held();
        boolean full = beat.epoch() == StreamsHeartbeat.JOIN || beat.topology() != null;
        return new Answer(
                GroupError.NONE,
                null,
                after.id(),
                after.position().epoch(),
                setting(HEARTBEAT),
                full || !held.equals(before) ? held : null,
                statuses());
    }

    private List<Status> statuses() {
        var statuses = new ArrayList<Status>();
        Layout.Problem problem = group.layout(cluster).problem();
        if (problem != null) {
            statuses.add(new Status(problem.kind().code(), problem.detail()));
        }
        if (group.isShuttingDown()) {
            statuses.add(
                    new Status(
                            Status.SHUTDOWN_APPLICATION,
                            "A member has asked that the application stops"));
        }
        if (problem == null && group.epoch() > group.targetEpoch()) {
            statuses.add(new Status(Status.ASSIGNMENT_DELAYED, "Tasks are to be assigned shortly"));
        }
        return statuses;
    }

    private GroupError check(StreamsHeartbeat beat, @Nullable StreamsMember known, int maxSize) {
        boolean joins = beat.epoch() == StreamsHeartbeat.JOIN;
        if (known == null) {
            boolean full = group.members().size() >= maxSize;
            GroupError refused = full ? GroupError.GROUP_MAX_SIZE_REACHED : GroupError.NONE;
            return joins ? checkTopology(beat, refused) : GroupError.UNKNOWN_MEMBER_ID;
        }
        int epoch = known.position().epoch();
        boolean lostAnAnswer =
                beat.epoch() < epoch
                        && beat.epoch() == known.position().previousEpoch()
                        && isWithin(beat.owned(), known.position().held());
        boolean current =
                joins
                        || beat.epoch() == StreamsHeartbeat.LEAVE
                        || beat.epoch() == epoch
                        || lostAnAnswer;
        return current ? checkTopology(beat, GroupError.NONE) : GroupError.FENCED_MEMBER_EPOCH;
    }

    /** While a topology has members, others of the same epoch must have the same. */
    private GroupError checkTopology(StreamsHeartbeat beat, GroupError otherwise) {
        Topology said = beat.topology();
        boolean fits =
                said == null
                        || group.isEmpty()
                        || said.epoch() != group.topology().epoch()
                        || said.equals(group.topology());
        return fits ? otherwise : GroupError.STREAMS_INVALID_TOPOLOGY;
    }

    private static boolean isWithin(@Nullable List<OwnedTasks> owned, Tasks held) {
        return owned != null
                && owned.stream()
                        .allMatch(each ->
                                each.partitions().stream()
                                        .allMatch(partition ->
                                                held.has(each.subtopology(), partition)));
    }

    /** Takes a topology for the group's own, if it is newer or the group has nobody. */
    private boolean adopt(@Nullable Topology said) {
        boolean newer =
                said != null && (group.isEmpty() || said.epoch() > group.topology().epoch());
        if (said == null || !newer || said.equals(group.topology())) {
            return false;
        }
        group.adopt(said);
        groupTouched = true;
        return true;
    }

    private int setting(String key) {
        return cluster.setting(group.id(), key);
    }

    private void prepare(boolean changed) {
        if (changed && group.members().size() == 1) {
            group.assignableFrom(nowMs + setting(DELAY));
        }
        follow(changed);
        askForTopics();
        assignIfDue();
    }

    /**
     * Whatever targets are made from, the group's hash is of: else topics that come back as they
     * were, between two heartbeats, would go unnoticed.
     */
    private void follow(boolean changed) {
        if (changed || group.isStale()) {
            long hash = TopicsHash.of(group.topics(cluster), cluster);
            if (changed || hash != group.metadataHash()) {
                group.bump(hash);
                groupTouched = true;
            }
            group.refreshed();
            group.askForTopicsFrom(nowMs);
        }
    }

    /** Now and then again, since what was asked for may not have come to be. */
    private void askForTopics() {
        List<Topology.InternalTopic> missing = group.layout(cluster).missing();
        if (!missing.isEmpty() && nowMs >= group.askForTopicsMs()) {
            out.effect(new GroupEffect.CreateTopics(missing));
            group.askForTopicsFrom(nowMs + ASK_AGAIN_MS);
        }
    }

    private void assignIfDue() {
        if (group.epoch() == group.targetEpoch() || group.isEmpty()) {
            return;
        }
        if (nowMs < group.assignableMs()) {
            group.waits().wakeBy(group.assignableMs());
            return;
        }
        follow(false);
        if (group.hasMemberPastTargets()) {
            group.bump(group.metadataHash());
        }
        targets()
                .forEach((id, target) -> {
                    StreamsMember member = group.member(id);
                    if (member != null && !member.target().equals(target)) {
                        put(member.withTarget(target));
                    }
                });
        group.targetsMade();
        group.assignableFrom(nowMs + setting(INTERVAL));
        groupTouched = true;
    }

    /** Nobody gets anything while the topics are not as they should be. */
    private Map<String, Tasks> targets() {
        Layout layout = group.layout(cluster);
        var candidates = new TreeMap<String, StickyTasks.Candidate>();
        for (StreamsMember member : group.members()) {
            candidates.put(
                    member.id(),
                    new StickyTasks.Candidate(member.identity().processId(), member.target()));
        }
        Set<String> stateful = new HashSet<>();
        for (Topology.Subtopology each : group.topology().subtopologies()) {
            if (each.isStateful()) {
                stateful.add(each.id());
            }
        }
        Map<String, Integer> tasks = layout.problem() == null ? layout.tasks() : Map.of();
        return new StickyTasks(candidates, tasks).assign(setting(STANDBYS), stateful::contains);
    }

    private StreamsMember reconcile(String id, @Nullable List<OwnedTasks> owned) {
        StreamsMember member = group.member(id);
        if (member == null) {
            throw new IllegalStateException("member " + id + " is not there");
        }
        Position next =
                new TaskReconciliation(group.targetEpoch(), group.owners()).next(member, owned);
        boolean moves = !next.equals(member.position());
        StreamsMember moved = moves ? member.at(next) : member;
        if (moves) {
            put(moved);
        }
        boolean revokes = next.phase() == Phase.UNREVOKED;
        if (moves || !revokes) {
            group.waits().done(id);
        }
        if (revokes) {
            group.waits().ask(id, nowMs + member.identity().rebalanceTimeoutMs());
        }
        return moved;
    }

    private void put(StreamsMember member) {
        group.put(member);
        touched.add(member.id());
    }

    /** Removes members; the others are assigned anew. */
    private void fence(Set<String> ids) {
        ids.forEach(group::remove);
        touched.addAll(ids);
        group.bump(group.metadataHash());
        groupTouched = true;
        if (group.isEmpty()) {
            group.shutDown(false);
        }
        assignIfDue();
    }

    /** Does what time asks for. */
    public void tick() {
        Set<String> overdue = group.waits().overdue(nowMs);
        if (!overdue.isEmpty()) {
            fence(overdue);
        }
        group.waits().findWake();
        assignIfDue();
        finish();
    }

    /** Stores what has changed; the epoch of the targets last, as in a consumer group. */
    private void finish() {
        if (groupTouched) {
            out.store(StreamsRecords.group(group, storedTargetEpoch));
        }
        for (String id : touched) {
            StreamsMember member = group.member(id);
            out.store(
                    member == null
                            ? StreamsRecords.memberGone(group.id(), id)
                            : StreamsRecords.member(group.id(), member));
        }
        if (group.targetEpoch() != storedTargetEpoch) {
            storedTargetEpoch = group.targetEpoch();
            out.store(StreamsRecords.group(group, storedTargetEpoch));
        }
    }
}
