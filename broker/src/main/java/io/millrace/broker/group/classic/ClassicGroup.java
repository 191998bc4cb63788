package io.millrace.broker.group.classic;

import io.millrace.broker.group.ClusterView;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupRequest.Claim;
import io.millrace.broker.group.GroupRequest.Protocol;
import io.millrace.broker.group.GroupState;
import io.millrace.broker.group.GroupType;
import io.millrace.broker.group.Membership;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A classic group: members and generation. Holds state and answers questions about it; what changes
 * it is {@link Rebalance} and replay. Mutable; belongs to its shard.
 */
public final class ClassicGroup<T> implements Membership {
    private final String id;
    private final Map<String, Member<T>> members = new LinkedHashMap<>();
    private final Map<String, String> staticMembers = new HashMap<>();
    private final Map<String, Long> pendingMembers = new HashMap<>();
    private GroupState state = GroupState.EMPTY;
    private long stateSinceMs;
    private int generation;
    private String protocolType = "";
    private @Nullable String protocol;
    private @Nullable String leader;

    /** When the phase that the group is in ends by itself. */
    private long phaseEndsMs = Long.MAX_VALUE;

    /** While the first members gather: how much longer they may, at most. */
    private long gatheringLeftMs;

    private boolean gathering;
    private boolean joinedWhileGathering;

    /** No later than the first wait that ends. */
    private long wakeMs = Long.MAX_VALUE;

    public ClassicGroup(String id, long nowMs) {
        this.id = id;
        this.stateSinceMs = nowMs;
    }

    public String id() {
        return id;
    }

    @Override
    public GroupType type() {
        return GroupType.CLASSIC;
    }

    @Override
    public GroupState state() {
        return state;
    }

    boolean is(GroupState asked) {
        return state == asked;
    }

    long stateSinceMs() {
        return stateSinceMs;
    }

    void enter(GroupState next, long nowMs) {
        state = next;
        stateSinceMs = nowMs;
    }

    public int generation() {
        return generation;
    }

    @Override
    public String protocolType() {
        return protocolType;
    }

    @Nullable String protocol() {
        return protocol;
    }

    @Nullable String leader() {
        return leader;
    }

    void lead(@Nullable String memberId) {
        leader = memberId;
    }

    boolean isLeader(String memberId) {
        return memberId.equals(leader);
    }

    Collection<Member<T>> members() {
        return members.values();
    }

    @Nullable Member<T> member(String memberId) {
        return members.get(memberId);
    }

    @Nullable String staticMember(String instanceId) {
        return staticMembers.get(instanceId);
    }

    /** Ids that were given out, and when they are void. */
    Map<String, Long> pendingMembers() {
        return pendingMembers;
    }

    int size() {
        return members.size() + pendingMembers.size();
    }

    void add(Member<T> member, String type) {
        if (members.isEmpty()) {
            protocolType = type;
        }
        pendingMembers.remove(member.id());
        members.put(member.id(), member);
        String instanceId = member.instanceId();
        if (instanceId != null) {
            staticMembers.put(instanceId, member.id());
        }
        if (leader == null) {
            leader = member.id();
        }
    }

    void remove(Member<T> member) {
        members.remove(member.id());
        String instanceId = member.instanceId();
        if (instanceId != null) {
            staticMembers.remove(instanceId, member.id());
        }
        if (isLeader(member.id())) {
            leader = members.isEmpty() ? null : members.keySet().iterator().next();
        }
    }

    /** The next generation, in which the members agree on a protocol or there are none. */
    void nextGeneration() {
        generation++;
        protocol = members.isEmpty() ? null : choose();
    }

    /** Takes what a record says of the last completed generation. */
    void restore(int generationStored, String type, @Nullable String chosen, long sinceMs) {
        generation = generationStored;
        protocolType = type;
        protocol = chosen;
        stateSinceMs = sinceMs;
    }

    /** Whether a member that offers these could be one of the group. */
    boolean supports(String type, List<Protocol> offered) {
        if (members.isEmpty()) {
            return !type.isEmpty() && !offered.isEmpty();
        }
        Set<String> candidates = candidates();
        return type.equals(protocolType)
                && offered.stream().map(Protocol::name).anyMatch(candidates::contains);
    }

    /** Sets, since a hostile member may offer as many protocols as a request can hold. */
    private Set<String> candidates() {
        Set<String> common = null;
        for (Member<T> member : members.values()) {
            Set<String> names = new HashSet<>();
            member.protocols().forEach(protocol -> names.add(protocol.name()));
            if (common == null) {
                common = names;
            } else {
                common.retainAll(names);
            }
        }
        return common == null ? Set.of() : common;
    }

    /** The protocol that most members prefer among those that all of them know. */
    private String choose() {
        Set<String> candidates = candidates();
        Map<String, Integer> votes = new TreeMap<>();
        for (Member<T> member : members.values()) {
            votes.merge(member.vote(candidates), 1, Integer::sum);
        }
        return votes.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .orElseThrow();
    }

    /**
     * Whether the members would choose the protocol that they follow. That is what decides whether
     * a static member that came back leaves things as they are: its metadata does not, since a
     * consumer that restarted no longer names what it owned.
     */
    boolean agreesStill() {
        return choose().equals(protocol);
    }

    /** What is wrong with a member's claim to its place. */
    GroupError check(Claim claim) {
        String instanceId = claim.instanceId();
        if (instanceId != null) {
            String current = staticMembers.get(instanceId);
            if (current == null) {
                return GroupError.UNKNOWN_MEMBER_ID;
            }
            if (!current.equals(claim.memberId())) {
                return GroupError.FENCED_INSTANCE_ID;
            }
        }
        if (!members.containsKey(claim.memberId())) {
            return GroupError.UNKNOWN_MEMBER_ID;
        }
        return claim.generation() == generation ? GroupError.NONE : GroupError.ILLEGAL_GENERATION;
    }

    @Override
    public boolean isDeserted() {
        return isEmpty() && pendingMembers.isEmpty();
    }

    @Override
    public CommitCheck commitCheck(Claim claim, boolean byEpoch, ClusterView cluster) {
        GroupError error = mayCommit(claim);
        return _ -> error;
    }

    private GroupError mayCommit(Claim claim) {
        boolean standalone =
                claim.generation() < 0 && claim.memberId().isEmpty() && claim.instanceId() == null;
        if (claim.generation() < 0 && is(GroupState.EMPTY)) {
            return GroupError.NONE;
        }
        if (standalone) {
            return GroupError.UNKNOWN_MEMBER_ID;
        }
        GroupError error = check(claim);
        return error == GroupError.NONE && is(GroupState.COMPLETING_REBALANCE)
                ? GroupError.REBALANCE_IN_PROGRESS
                : error;
    }

    @Override
    public void committed(Claim claim, long nowMs) {
        Member<T> member = members.get(claim.memberId());
        if (member != null) {
            renew(member, nowMs);
        }
    }

    /** Offsets can be deleted of a group that is empty, or of consumers. */
    @Override
    public GroupError mayDeleteOffsets() {
        return is(GroupState.EMPTY) || protocolType.equals("consumer")
                ? GroupError.NONE
                : GroupError.NON_EMPTY_GROUP;
    }

    @Override
    public Predicate<String> subscribed() {
        Set<String> topics = is(GroupState.EMPTY) ? Set.of() : subscribedTopics();
        return topics == null ? _ -> true : topics::contains;
    }

    @Override
    public OffsetAge offsetAge() {
        boolean standalone = protocolType.isEmpty();
        if (is(GroupState.EMPTY) && !standalone) {
            return (_, _) -> stateSinceMs;
        }
        if (standalone || is(GroupState.STABLE)) {
            Predicate<String> subscribed = subscribed();
            return (place, offset) ->
                    subscribed.test(place.topic()) ? OffsetAge.NEVER : offset.committedMs();
        }
        return (_, _) -> OffsetAge.NEVER;
    }

    /** The topics that consumers subscribe to; null if that cannot be told. */
    private @Nullable Set<String> subscribedTopics() {
        if (members.isEmpty()) {
            return Set.of();
        }
        if (!protocolType.equals("consumer") || protocol == null) {
            return null;
        }
        var topics = new HashSet<String>();
        for (Member<T> member : members.values()) {
            Set<String> subscribed = Subscription.topics(member.metadata(protocol));
            if (subscribed == null) {
                return null;
            }
            topics.addAll(subscribed);
        }
        return topics;
    }

    /** All that is known of the members. */
    public List<ClassicMemberState> states() {
        return members.values().stream()
                .map(member ->
                        new ClassicMemberState(
                                member.id(),
                                member.instanceId(),
                                member.client(),
                                member.timeouts(),
                                member.protocols(),
                                member.assignment()))
                .toList();
    }

    /** A stable group of members that have been members of another kind so far. */
    public static <T> ClassicGroup<T> of(
            String id, int generation, List<ClassicMemberState> states, long nowMs) {
        var group = new ClassicGroup<T>(id, nowMs);
        for (ClassicMemberState state : states) {
            var member =
                    new Member<T>(
                            state.id(),
                            state.instanceId(),
                            state.client(),
                            state.timeouts(),
                            state.protocols());
            member.assign(state.assignment());
            group.add(member, "consumer");
            group.renew(member, nowMs);
        }
        group.restore(generation, "consumer", group.choose(), nowMs);
        group.enter(GroupState.STABLE, nowMs);
        return group;
    }

    int longestRebalanceMs() {
        int longest = 0;
        for (Member<T> member : members.values()) {
            longest = Math.max(longest, member.timeouts().rebalanceMs());
        }
        return longest;
    }

    boolean haveAllJoined() {
        return pendingMembers.isEmpty()
                && members.values().stream().allMatch(member -> member.awaitingJoin() != null);
    }

    /** Whether nobody of this generation has still to ask for its assignment. */
    boolean haveAllSynced() {
        return members.values().stream().noneMatch(Member::owesSync);
    }

    long phaseEndsMs() {
        return phaseEndsMs;
    }

    void endPhaseAt(long atMs) {
        phaseEndsMs = atMs;
        wakeBy(atMs);
    }

    /** A member was heard of. */
    void renew(Member<T> member, long nowMs) {
        wakeBy(member.renewSession(nowMs));
    }

    /** Keeps an id for a member that is to come again with it. */
    void expect(String memberId, long untilMs) {
        pendingMembers.put(memberId, untilMs);
        wakeBy(untilMs);
    }

    private void wakeBy(long atMs) {
        wakeMs = Math.min(wakeMs, atMs);
    }

    @Override
    public long wakeMs() {
        return wakeMs;
    }

    /** Looks up when the first wait ends, after those that have ended were dealt with. */
    void findWake() {
        wakeMs = phaseEndsMs;
        members.values().forEach(member -> wakeBy(member.sessionEndsMs()));
        pendingMembers.values().forEach(this::wakeBy);
    }

    boolean isGathering() {
        return gathering;
    }

    void gather(boolean on, long leftMs) {
        gathering = on;
        gatheringLeftMs = leftMs;
        joinedWhileGathering = false;
    }

    long gatheringLeftMs() {
        return gatheringLeftMs;
    }

    boolean hasJoinedWhileGathering() {
        return joinedWhileGathering;
    }

    void noteJoinWhileGathering() {
        joinedWhileGathering = true;
    }
}
