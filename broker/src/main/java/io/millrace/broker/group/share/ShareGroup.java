package io.millrace.broker.group.share;

import io.millrace.broker.group.ClusterView;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupRequest.Claim;
import io.millrace.broker.group.GroupState;
import io.millrace.broker.group.GroupType;
import io.millrace.broker.group.Membership;
import io.millrace.broker.group.member.Waits;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A share group's members and epochs. Holds state and answers questions about it; what changes it
 * is {@link ShareTurn} and replay. Mutable; belongs to its shard.
 */
public final class ShareGroup implements Membership {
    /** The first epoch, in which nobody has anything, so that who joins can wait for more. */
    private static final int FIRST_EPOCH = 1;

    private final String id;
    private final Map<String, ShareMember> members = new LinkedHashMap<>();
    private final Waits waits = new Waits();
    private int epoch = FIRST_EPOCH;
    private int targetEpoch = FIRST_EPOCH;
    private long metadataHash;
    private boolean stale = true;
    private long targetMadeMs = Long.MIN_VALUE / 2;

    public ShareGroup(String id) {
        this.id = id;
    }

    public String id() {
        return id;
    }

    /** Rises whenever members have to be assigned anew. */
    public int epoch() {
        return epoch;
    }

    /** The epoch that the members' targets were made for. */
    public int targetEpoch() {
        return targetEpoch;
    }

    long metadataHash() {
        return metadataHash;
    }

    long targetMadeMs() {
        return targetMadeMs;
    }

    boolean isStale() {
        return stale;
    }

    void bump(long hash) {
        epoch++;
        metadataHash = hash;
    }

    void refreshed() {
        stale = false;
    }

    void targetsMade(long nowMs) {
        targetEpoch = epoch;
        targetMadeMs = nowMs;
    }

    void restore(int epochStored, int targetEpochStored, long hashStored) {
        epoch = epochStored;
        targetEpoch = targetEpochStored;
        metadataHash = hashStored;
    }

    public Collection<ShareMember> members() {
        return Collections.unmodifiableCollection(members.values());
    }

    /** The member of that id; null if there is none. */
    public @Nullable ShareMember member(String memberId) {
        return members.get(memberId);
    }

    Waits waits() {
        return waits;
    }

    void put(ShareMember member) {
        members.put(member.id(), member);
    }

    void remove(String memberId) {
        members.remove(memberId);
        waits.forget(memberId);
    }

    /** The topics that anybody subscribes to, by name. */
    public Set<String> topics() {
        var topics = new HashSet<String>();
        members.values().forEach(member -> topics.addAll(member.topics()));
        return topics;
    }

    /** A topic came, went or grew. */
    public void follow(String topic) {
        stale |= members.values().stream().anyMatch(member -> member.topics().contains(topic));
    }

    /** Topics have changed in unknown ways. */
    public void followAnything() {
        stale = true;
    }

    @Override
    public GroupType type() {
        return GroupType.SHARE;
    }

    @Override
    public String protocolType() {
        return "share";
    }

    @Override
    public GroupState state() {
        return members.isEmpty() ? GroupState.EMPTY : GroupState.STABLE;
    }

    /**
     * Never: without offsets of its own it would go with its last member, and nobody could get at
     * what is in its queues. It stays until it is deleted.
     */
    @Override
    public boolean isDeserted() {
        return false;
    }

    /** Share groups have no committed offsets. */
    @Override
    public CommitCheck commitCheck(Claim claim, boolean byEpoch, ClusterView cluster) {
        return _ -> GroupError.GROUP_ID_NOT_FOUND;
    }

    @Override
    public GroupError mayDeleteOffsets() {
        return GroupError.GROUP_ID_NOT_FOUND;
    }

    @Override
    public Predicate<String> subscribed() {
        return topics()::contains;
    }

    @Override
    public OffsetAge offsetAge() {
        return (_, _) -> OffsetAge.NEVER;
    }

    @Override
    public long wakeMs() {
        return waits.wakeMs();
    }
}
