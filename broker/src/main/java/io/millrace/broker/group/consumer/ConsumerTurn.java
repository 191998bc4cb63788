package io.millrace.broker.group.consumer;

import io.millrace.broker.group.ClusterView;
import io.millrace.broker.group.ConsumerHeartbeat;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupReply.Beat;
import io.millrace.broker.group.Output;
import io.millrace.broker.group.consumer.ConsumerMember.Phase;
import io.millrace.broker.group.consumer.ConsumerMember.Position;
import io.millrace.broker.group.member.Holding;
import io.millrace.broker.group.member.TopicsHash;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One step of a consumer group: changes it, and stores at the end, once each, what has changed.
 * Used for one request or tick, on the loop.
 */
public final class ConsumerTurn {
    private static final String SESSION = "consumer.session.timeout.ms";
    private static final String HEARTBEAT = "consumer.heartbeat.interval.ms";
    private static final String INTERVAL = "consumer.assignment.interval.ms";

    private final ConsumerGroup group;
    private final ClusterView cluster;
    private final Output<?> out;
    private final long nowMs;
    private final Set<String> touched = new LinkedHashSet<>();
    private boolean groupTouched;

    /** The epoch of the targets that are stored whole. */
    private int storedTargetEpoch;

    public ConsumerTurn(ConsumerGroup group, ClusterView cluster, Output<?> out, long nowMs) {
        this.group = group;
        this.cluster = cluster;
        this.out = out;
        this.nowMs = nowMs;
        this.storedTargetEpoch = group.targetEpoch();
    }

    /** What is wrong with a heartbeat in itself; null if nothing is. */
    public static @Nullable Beat refusal(ConsumerHeartbeat beat) {
        return HeartbeatRules.refusal(beat);
    }

    /** Handles a heartbeat that makes sense in itself. */
    public Beat heartbeat(ConsumerHeartbeat beat, int maxSize) {
        if (beat.epoch() < ConsumerHeartbeat.JOIN) {
            return leave(beat);
        }
        Admission admitted = Admission.of(beat, group, maxSize);
        ConsumerMember before = admitted.member();
        if (before == null) {
            return Beat.failed(admitted.error(), null);
        }
        boolean fresh = group.member(before.id()) == null && admitted.replaces() == null;
        replace(admitted.replaces(), before);
        ConsumerMember said = before.updated(beat);
        boolean changed = !said.wants().asksForTheSame(before.wants());
        if (fresh || !said.equals(before)) {
            put(said);
        }
        prepare(changed);
        ConsumerMember after = reconcile(said.id(), new Owned(beat.owned()));
        group.waits().renew(after.id(), nowMs + setting(SESSION));
        finish();
        boolean news = !after.position().held().equals(before.position().held());
        return new Beat(
                GroupError.NONE,
                null,
                after.id(),
                after.position().epoch(),
                setting(HEARTBEAT),
                beat.isFull() || news ? after.position().held().partitions() : null);
    }

    private int setting(String key) {
        return cluster.setting(group.id(), key);
    }

    void replace(@Nullable String oldId, ConsumerMember member) {
        if (oldId != null) {
            group.waits().rename(oldId, member.id());
            remove(oldId);
            put(member);
        }
    }

    /** Brings epoch and targets up to date with what members want and what there is. */
    void prepare(boolean changed) {
        follow(changed);
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
        if (group.hasMemberPastTargets()) {
            bump(group.metadataHash());
        }
        new Targets(group, cluster)
                .make()
                .forEach((id, target) -> {
                    ConsumerMember member = group.member(id);
                    if (member != null && !member.target().equals(target)) {
                        put(member.withTarget(target));
                    }
                });
        group.targetsMade(nowMs);
        groupTouched = true;
    }

    /** Takes a member a step further, if it can go one. */
    ConsumerMember reconcile(String id, Owned owned) {
        ConsumerMember member = group.member(id);
        if (member == null) {
            throw new IllegalStateException("member " + id + " is not there");
        }
        var reconciliation =
                new Reconciliation(
                        group.targetEpoch(),
                        (topic, each) -> group.owners().isFreeFor(id, topic, each));
        Position next = reconciliation.next(member, owned);
        boolean moves = !next.equals(member.position());
        if (moves) {
            put(member.at(next));
        }
        boolean revokes = next.phase() == Phase.UNREVOKED && !member.isClassic();
        if (moves || !revokes) {
            group.waits().done(id);
        }
        if (revokes) {
            group.waits().ask(id, nowMs + member.identity().rebalanceTimeoutMs());
        }
        return moves ? member.at(next) : member;
    }

    private Beat leave(ConsumerHeartbeat beat) {
        String instanceId = beat.instanceId();
        ConsumerMember member =
                instanceId == null ? group.member(beat.memberId()) : group.instance(instanceId);
        if (member == null) {
            return Beat.failed(GroupError.UNKNOWN_MEMBER_ID, null);
        }
        if (!member.id().equals(beat.memberId())) {
            return Beat.failed(GroupError.FENCED_INSTANCE_ID, null);
        }
        if (beat.epoch() == ConsumerHeartbeat.LEAVE_FOR_A_WHILE) {
            Position now = member.position();
            put(member.at(now.at(beat.epoch(), Phase.STABLE, now.held(), Holding.NONE)));
            group.waits().done(member.id());
        } else {
            fence(Set.of(member.id()));
        }
        finish();
        return new Beat(GroupError.NONE, null, member.id(), beat.epoch(), 0, null);
    }

    /** Removes members; the others are assigned anew. */
    void fence(Set<String> ids) {
        ids.forEach(this::remove);
        bump(TopicsHash.of(group.topics(cluster), cluster));
        assignIfDue();
    }

    void touchGroup() {
        groupTouched = true;
    }

    void put(ConsumerMember member) {
        group.put(member);
        touched.add(member.id());
    }

    void remove(String id) {
        group.remove(id);
        touched.add(id);
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

    /**
     * Stores what has changed. If of many targets only some come to be stored, before the
     * coordinator fails, the next one has to find that targets are to be made: so their epoch is
     * stored last.
     */
    void finish() {
        if (groupTouched) {
            out.store(ConsumerRecords.group(group, storedTargetEpoch));
        }
        for (String id : touched) {
            ConsumerMember member = group.member(id);
            out.store(
                    member == null
                            ? ConsumerRecords.memberGone(group.id(), id)
                            : ConsumerRecords.member(group.id(), member));
        }
        if (group.targetEpoch() != storedTargetEpoch) {
            storedTargetEpoch = group.targetEpoch();
            out.store(ConsumerRecords.group(group, storedTargetEpoch));
        }
        touched.clear();
        groupTouched = false;
    }
}
