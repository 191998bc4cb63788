package io.millrace.broker.group.consumer;

import io.millrace.broker.group.ClusterView;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupRequest.Claim;
import io.millrace.broker.group.GroupRequest.Protocol;
import io.millrace.broker.group.GroupState;
import io.millrace.broker.group.GroupType;
import io.millrace.broker.group.Membership;
import io.millrace.broker.group.consumer.ConsumerMember.ClassicSide;
import io.millrace.broker.group.consumer.ConsumerMember.Phase;
import io.millrace.broker.group.member.MatchedTopics;
import io.millrace.broker.group.member.Waits;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A consumer group: members, their epochs, and who has what. Holds state and answers questions
 * about it; what changes it is {@link ConsumerTurn} and replay. Mutable; belongs to its shard.
 */
public final class ConsumerGroup implements Membership {
    /** The first epoch, in which nobody has anything, so that who joins can wait for more. */
    private static final int FIRST_EPOCH = 1;

    private final String id;
    private final Map<String, ConsumerMember> members = new LinkedHashMap<>();
    private final Map<String, String> instances = new HashMap<>();
    private final Owners owners = new Owners();
    private final Waits waits = new Waits();
    private final MatchedTopics matched = new MatchedTopics();
    private @Nullable Set<String> names;
    private int epoch = FIRST_EPOCH;
    private int targetEpoch = FIRST_EPOCH;
    private long metadataHash;
    private boolean stale = true;
    private long targetMadeMs = Long.MIN_VALUE / 2;

    public ConsumerGroup(String id) {
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

    /**
     * Whether a member has come to an epoch whose targets were not all stored. Others can come of
     * making them again, but a member does not look for any that are new in an epoch that it is in.
     */
    boolean hasMemberPastTargets() {
        return members.values().stream()
                .anyMatch(member -> member.position().epoch() > targetEpoch);
    }

    long metadataHash() {
        return metadataHash;
    }

    void bump(long hash) {
        epoch++;
        metadataHash = hash;
        stale = false;
    }

    void targetsMade(long nowMs) {
        targetEpoch = epoch;
        targetMadeMs = nowMs;
    }

    long targetMadeMs() {
        return targetMadeMs;
    }

    void restore(int epochStored, int targetEpochStored, long hashStored) {
        epoch = epochStored;
        targetEpoch = targetEpochStored;
        metadataHash = hashStored;
    }

    /** Whether what was known of its topics may have changed. */
    boolean isStale() {
        return stale;
    }

    void refreshed() {
        stale = false;
    }

    public Collection<ConsumerMember> members() {
        return Collections.unmodifiableCollection(members.values());
    }

    @Nullable ConsumerMember member(String memberId) {
        return members.get(memberId);
    }

    @Nullable ConsumerMember instance(String instanceId) {
        String memberId = instances.get(instanceId);
        return memberId == null ? null : members.get(memberId);
    }

    Waits waits() {
        return waits;
    }

    /** Adds a member, or has it take the place of what it was. */
    void put(ConsumerMember member) {
        ConsumerMember before = members.put(member.id(), member);
        remove(before);
        if (before == null || !before.wants().equals(member.wants())) {
            names = null;
        }
        owners.claim(member.id(), member.position());
        String instanceId = member.identity().instanceId();
        if (instanceId != null) {
            instances.put(instanceId, member.id());
        }
    }

    void remove(String memberId) {
        ConsumerMember gone = members.get(memberId);
        remove(gone);
        members.remove(memberId);
        names = null;
        waits.forget(memberId);
    }

    private void remove(@Nullable ConsumerMember member) {
        if (member != null) {
            owners.release(member.id(), member.position());
            String instanceId = member.identity().instanceId();
            if (instanceId != null) {
                instances.remove(instanceId, member.id());
            }
        }
    }

    Owners owners() {
        return owners;
    }

    /** A member was found in the log: it has a session from now on, as if it had been heard of. */
    void beginWaits(ConsumerMember member, long nowMs, int sessionMs) {
        ClassicSide classic = member.classic();
        waits.renew(
                member.id(), nowMs + (classic == null ? sessionMs : classic.sessionTimeoutMs()));
        if (member.position().phase() == Phase.UNREVOKED) {
            waits.done(member.id());
            waits.ask(member.id(), nowMs + member.identity().rebalanceTimeoutMs());
        }
    }

    /** A topic came, went or grew. */
    public void follow(String topic, boolean exists) {
        boolean matchesMore = matched.follow(topic, exists);
        stale |= matchesMore || names().contains(topic) || maybeMatchedByAny(topic);
    }

    private boolean maybeMatchedByAny(String topic) {
        return members.values().stream()
                .map(member -> member.wants().regex())
                .filter(regex -> !regex.isEmpty())
                .distinct()
                .anyMatch(regex -> matched.mayMatch(regex, topic));
    }

    /** Topics have changed in unknown ways. */
    public void followAnything() {
        matched.forgetAll();
        stale = true;
    }

    /** The topics that a member subscribes to, by name or by expression. */
    Set<String> topicsOf(ConsumerMember member, ClusterView cluster) {
        String regex = member.wants().regex();
        if (regex.isEmpty()) {
            return member.wants().topics();
        }
        var topics = new HashSet<>(member.wants().topics());
        topics.addAll(matched.of(regex, cluster));
        return topics;
    }

    /** The topics that anybody subscribes to. */
    Set<String> topics(ClusterView cluster) {
        var topics = new HashSet<>(names());
        var regexes = new HashSet<String>();
        members.values().forEach(member -> regexes.add(member.wants().regex()));
        regexes.remove("");
        matched.keepOnly(regexes);
        regexes.forEach(regex -> topics.addAll(matched.of(regex, cluster)));
        return topics;
    }

    /** The topics that anybody subscribes to by name; not to be changed. */
    private Set<String> names() {
        Set<String> known = names;
        if (known == null) {
            known = new HashSet<>();
            for (ConsumerMember member : members.values()) {
                known.addAll(member.wants().topics());
            }
            names = known;
        }
        return known;
    }

    /** Whether somebody else has something that this member is to have. */
    boolean waitsForOthers(ConsumerMember member) {
        return !member.target()
                .where((topic, each) -> !owners.isFreeFor(member.id(), topic, each))
                .isEmpty();
    }

    /** Whether a client that speaks these classic protocols gets on with the others that do. */
    boolean supports(String type, List<Protocol> offered) {
        Set<String> common = new HashSet<>();
        offered.forEach(protocol -> common.add(protocol.name()));
        for (ConsumerMember member : members.values()) {
            ClassicSide classic = member.classic();
            if (classic != null) {
                var names = new HashSet<String>();
                classic.protocols().forEach(protocol -> names.add(protocol.name()));
                common.retainAll(names);
            }
        }
        return type.equals(protocolType()) && !common.isEmpty();
    }

    /** Whether there are members, and all of them speak the classic protocol. */
    public boolean isAllClassic() {
        return !members.isEmpty() && members.values().stream().allMatch(ConsumerMember::isClassic);
    }

    @Override
    public GroupType type() {
        return GroupType.CONSUMER;
    }

    @Override
    public String protocolType() {
        return "consumer";
    }

    @Override
    public GroupState state() {
        if (members.isEmpty()) {
            return GroupState.EMPTY;
        }
        if (epoch > targetEpoch) {
            return GroupState.ASSIGNING;
        }
        return members.values().stream().allMatch(member -> member.isAtTarget(targetEpoch))
                ? GroupState.STABLE
                : GroupState.RECONCILING;
    }

    @Override
    public boolean isEmpty() {
        return members.isEmpty();
    }

    @Override
    public CommitCheck commitCheck(Claim claim, boolean byEpoch, ClusterView cluster) {
        ConsumerMember member = members.get(claim.memberId());
        if (claim.generation() < 0 && members.isEmpty()) {
            return _ -> GroupError.NONE;
        }
        if (member == null) {
            return _ -> GroupError.UNKNOWN_MEMBER_ID;
        }
        if (!member.isClassic() && !byEpoch) {
            return _ -> GroupError.UNSUPPORTED_VERSION;
        }
        return new EpochCheck(member, claim.generation(), cluster);
    }

    @Override
    public GroupError mayFetch(String memberId, int memberEpoch) {
        if (memberId.isEmpty() && memberEpoch < 0) {
            return GroupError.NONE;
        }
        ConsumerMember member = members.get(memberId);
        if (member == null) {
            return GroupError.UNKNOWN_MEMBER_ID;
        }
        if (memberEpoch == member.position().epoch()) {
            return GroupError.NONE;
        }
        return member.isClassic() ? GroupError.ILLEGAL_GENERATION : GroupError.STALE_MEMBER_EPOCH;
    }

    @Override
    public Predicate<String> subscribed() {
        Set<String> topics = names();
        return topic -> topics.contains(topic) || maybeMatchedByAny(topic);
    }

    @Override
    public OffsetAge offsetAge() {
        Predicate<String> subscribed = subscribed();
        return (place, offset) ->
                subscribed.test(place.topic()) ? OffsetAge.NEVER : offset.committedMs();
    }

    @Override
    public long wakeMs() {
        return waits.wakeMs();
    }
}
