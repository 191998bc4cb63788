package io.millrace.broker.group.share;

import io.millrace.broker.group.ClusterView;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupReply.Beat;
import io.millrace.broker.group.Output;
import io.millrace.broker.group.ShareHeartbeat;
import io.millrace.broker.group.assign.Assignor.Candidate;
import io.millrace.broker.group.assign.Partitions;
import io.millrace.broker.group.assign.SharingAssignor;
import io.millrace.broker.group.member.TopicsHash;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One step of a share group: changes it, and stores at the end, once each, what has changed. Used
 * for one request or tick, on the loop.
 */
public final class ShareTurn {
    private static final int MAX_TOPICS = 10_000;
    private static final String SESSION = "share.session.timeout.ms";
    private static final String HEARTBEAT = "share.heartbeat.interval.ms";
    private static final String INTERVAL = "share.assignment.interval.ms";

    private final ShareGroup group;
    private final ClusterView cluster;
    private final Output<?> out;
    private final long nowMs;
    private final Set<String> touched = new LinkedHashSet<>();
    private boolean groupTouched;

    /** The epoch of the targets that are stored whole. */
    private int storedTargetEpoch;

    public ShareTurn(ShareGroup group, ClusterView cluster, Output<?> out, long nowMs) {
        this.group = group;
        this.cluster = cluster;
        this.out = out;
        this.nowMs = nowMs;
        this.storedTargetEpoch = group.targetEpoch();
    }

    /** What is wrong with a heartbeat in itself; null if nothing is. */
    public static @Nullable Beat refusal(ShareHeartbeat beat) {
        String problem = null;
        List<String> topics = beat.topics();
        if (beat.group().isEmpty() || beat.memberId().isEmpty()) {
            problem = "The group id or the member id is empty";
        } else if (beat.rackId() != null && beat.rackId().isEmpty()) {
            problem = "The rack id is empty";
        } else if (topics != null && topics.size() > MAX_TOPICS) {
            problem = "There are too many topics in the subscription";
        } else if (beat.epoch() < ShareHeartbeat.LEAVE) {
            problem = "The member epoch is below -1";
        } else if (beat.epoch() == ShareHeartbeat.JOIN && (topics == null || topics.isEmpty())) {
            problem = "Who joins has to subscribe to something";
        }
        return problem == null ? null : Beat.failed(GroupError.INVALID_REQUEST, problem);
    }

    /** Handles a heartbeat that makes sense in itself. */
    public Beat heartbeat(ShareHeartbeat beat, int maxSize) {
        ShareMember known = group.member(beat.memberId());
        GroupError error = check(beat, known, maxSize);
        if (error != GroupError.NONE) {
            return Beat.failed(error, null);
        }
        if (beat.epoch() == ShareHeartbeat.LEAVE) {
            remove(Set.of(beat.memberId()));
            finish();
            return new Beat(GroupError.NONE, null, beat.memberId(), ShareHeartbeat.LEAVE, 0, null);
        }
        ShareMember before =
                known == null ? ShareMember.fresh(beat.memberId(), beat.client()) : known;
        ShareMember said = before.updated(beat);
        if (known == null || !said.equals(before)) {
            put(said);
        }
        prepare(known == null || !said.topics().equals(before.topics()));
        ShareMember after = advance(said.id());
        group.waits().renew(after.id(), nowMs + setting(SESSION));
        finish();
        boolean full = beat.epoch() == ShareHeartbeat.JOIN || beat.topics() != null;
        boolean news = !after.assigned().equals(before.assigned());
        return new Beat(
                GroupError.NONE,
                null,
                after.id(),
                after.epochs().current(),
                setting(HEARTBEAT),
                full || news ? after.assigned() : null);
    }

    private GroupError check(ShareHeartbeat beat, @Nullable ShareMember known, int maxSize) {
        boolean joins = beat.epoch() == ShareHeartbeat.JOIN;
        if (known == null) {
            boolean full = group.members().size() >= maxSize;
            GroupError refused = full ? GroupError.GROUP_MAX_SIZE_REACHED : GroupError.NONE;
            return joins ? refused : GroupError.UNKNOWN_MEMBER_ID;
        }
        boolean current =
                beat.epoch() <= ShareHeartbeat.JOIN
                        || beat.epoch() == known.epochs().current()
                        || beat.epoch() == known.epochs().previous();
        return current ? GroupError.NONE : GroupError.FENCED_MEMBER_EPOCH;
    }

    private int setting(String key) {
        return cluster.setting(group.id(), key);
    }

    private void prepare(boolean changed) {
        follow(changed);
        assignIfDue();
    }

    /**
     * Whatever targets are made from, the group's hash is of: else topics that come back as they
     * were, between two heartbeats, would go unnoticed.
     */
    private void follow(boolean changed) {
        if (changed || group.isStale()) {
            long hash = TopicsHash.of(group.topics(), cluster);
            if (changed || hash != group.metadataHash()) {
                bump(hash);
            }
            group.refreshed();
        }
    }

    private void bump(long hash) {
        group.bump(hash);
        groupTouched = true;
    }

    private void assignIfDue() {
        if (group.epoch() == group.targetEpoch() || group.isEmpty()) {
            return;
        }
        long dueMs = group.targetMadeMs() + setting(INTERVAL);
        if (nowMs < dueMs) {
            group.waits().wakeBy(dueMs);
            return;
        }
        follow(false);
        assign();
        group.targetsMade(nowMs);
        groupTouched = true;
    }

    private void assign() {
        var candidates = new TreeMap<String, Candidate>();
        var topics = new HashMap<UUID, Integer>();
        for (ShareMember member : group.members()) {
            candidates.put(
                    member.id(), new Candidate(null, resolve(member, topics), member.target()));
        }
        new SharingAssignor(candidates, topics)
                .assign()
                .forEach((id, target) -> {
                    ShareMember member = group.member(id);
                    if (member != null && !member.target().equals(target)) {
                        put(member.withTarget(target));
                    }
                });
    }

    private Set<UUID> resolve(ShareMember member, Map<UUID, Integer> topics) {
        var ids = new HashSet<UUID>();
        for (String name : member.topics()) {
            ClusterView.@Nullable Topic topic = cluster.topic(name);
            if (topic != null) {
                ids.add(topic.id());
                topics.put(topic.id(), topic.partitions());
            }
        }
        return ids;
    }

    private ShareMember advance(String id) {
        ShareMember member = group.member(id);
        if (member == null) {
            throw new IllegalStateException("member " + id + " is not there");
        }
        ShareMember next = member.towardsTarget(group.targetEpoch(), handedOverLater(member));
        if (!next.equals(member)) {
            put(next);
        }
        return next;
    }

    /**
     * What a member is to give up and nobody has taken over yet. Who takes it over hears of that at
     * the next heartbeat only; until then its records would wait, though there is who fetches.
     */
    private Partitions handedOverLater(ShareMember member) {
        Partitions lost = member.assigned().minus(member.target());
        if (lost.isEmpty()) {
            return lost;
        }
        Set<UUID> subscribed = resolve(member, new HashMap<>());
        var due = new Partitions.Builder();
        var taken = new Partitions.Builder();
        for (ShareMember other : group.members()) {
            if (!other.id().equals(member.id())) {
                due.addAll(other.target());
                taken.addAll(other.target().and(other.assigned()));
            }
        }
        return lost.where((topic, _) -> subscribed.contains(topic))
                .and(due.build())
                .minus(taken.build());
    }

    private void put(ShareMember member) {
        group.put(member);
        touched.add(member.id());
    }

    private void remove(Set<String> ids) {
        ids.forEach(group::remove);
        touched.addAll(ids);
        bump(TopicsHash.of(group.topics(), cluster));
        assignIfDue();
    }

    /** Does what time asks for. */
    public void tick() {
        Set<String> overdue = group.waits().overdue(nowMs);
        if (!overdue.isEmpty()) {
            remove(overdue);
        }
        group.waits().findWake();
        assignIfDue();
        finish();
    }

    /** Stores what has changed; the epoch of the targets last, as in a consumer group. */
    private void finish() {
        if (groupTouched) {
            out.store(ShareRecords.group(group, storedTargetEpoch));
        }
        for (String id : touched) {
            ShareMember member = group.member(id);
            out.store(
                    member == null
                            ? ShareRecords.memberGone(group.id(), id)
                            : ShareRecords.member(group.id(), member));
        }
        if (group.targetEpoch() != storedTargetEpoch) {
            storedTargetEpoch = group.targetEpoch();
            out.store(ShareRecords.group(group, storedTargetEpoch));
        }
    }
}
