package io.millrace.broker.group.streams;

import io.millrace.broker.group.ClusterView;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupRequest.Claim;
import io.millrace.broker.group.GroupState;
import io.millrace.broker.group.GroupType;
import io.millrace.broker.group.Membership;
import io.millrace.broker.group.member.MatchedTopics;
import io.millrace.broker.group.member.Waits;
import io.millrace.broker.group.task.Layout;
import io.millrace.broker.group.task.Topology;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A streams group: its topology, members, epochs, and who has which task. Holds state and answers
 * questions about it; what changes it is {@link StreamsTurn} and replay. Mutable; belongs to its
 * shard.
 */
public final class StreamsGroup implements Membership {
    /** The first epoch, in which nobody has anything, so that who joins can wait for more. */
    private static final int FIRST_EPOCH = 1;

    private static final Topology NOTHING = new Topology(-1, List.of());

    private final String id;
    private final Map<String, StreamsMember> members = new LinkedHashMap<>();
    private final TaskOwners owners = new TaskOwners();
    private final Waits waits = new Waits();
    private final MatchedTopics matched = new MatchedTopics();
    private Topology topology = NOTHING;
    private @Nullable Layout layout;
    private int epoch = FIRST_EPOCH;
    private int targetEpoch = FIRST_EPOCH;
    private long metadataHash;
    private boolean stale = true;
    private boolean shuttingDown;
    private long askForTopicsMs = Long.MIN_VALUE;
    private long assignableMs = Long.MIN_VALUE / 2;

    public StreamsGroup(String id) {
        this.id = id;
    }

    public String id() {
        return id;
    }

    public int epoch() {
        return epoch;
    }

    public int targetEpoch() {
        return targetEpoch;
    }

    /** The application's topology; of epoch -1 if nobody has told it yet. */
    public Topology topology() {
        return topology;
    }

    void adopt(Topology next) {
        topology = next;
        layout = null;
        stale = true;
    }

    /** The topology on the topics that there are. */
    Layout layout(ClusterView cluster) {
        Layout known = layout;
        if (known == null) {
            known = Layout.of(topology, matched, cluster);
            layout = known;
        }
        return known;
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

    boolean isStale() {
        return stale;
    }

    void refreshed() {
        stale = false;
    }

    void bump(long hash) {
        epoch++;
        metadataHash = hash;
    }

    /** No sooner than then are members assigned again. */
    long assignableMs() {
        return assignableMs;
    }

    void assignableFrom(long atMs) {
        assignableMs = atMs;
    }

    /** No sooner than then are missing topics asked for again. */
    long askForTopicsMs() {
        return askForTopicsMs;
    }

    void askForTopicsFrom(long atMs) {
        askForTopicsMs = atMs;
    }

    void targetsMade() {
        targetEpoch = epoch;
    }

    void restore(int epochStored, int targetEpochStored, long hashStored) {
        epoch = epochStored;
        targetEpoch = targetEpochStored;
        metadataHash = hashStored;
    }

    /** Whether a member has asked that all of the application stops. */
    boolean isShuttingDown() {
        return shuttingDown;
    }

    void shutDown(boolean on) {
        shuttingDown = on;
    }

    public Collection<StreamsMember> members() {
        return Collections.unmodifiableCollection(members.values());
    }

    @Nullable StreamsMember member(String memberId) {
        return members.get(memberId);
    }

    Waits waits() {
        return waits;
    }

    TaskOwners owners() {
        return owners;
    }

    void put(StreamsMember member) {
        StreamsMember before = members.put(member.id(), member);
        if (before != null) {
            owners.release(before);
        }
        owners.claim(member);
    }

    void remove(String memberId) {
        StreamsMember gone = members.remove(memberId);
        if (gone != null) {
            owners.release(gone);
        }
        waits.forget(memberId);
    }

    /** A topic came, went or grew. */
    public void follow(String topic, boolean exists) {
        if (matched.follow(topic, exists) || topics().contains(topic)) {
            stale = true;
            layout = null;
        }
    }

    /** Topics have changed in unknown ways. */
    public void followAnything() {
        matched.forgetAll();
        stale = true;
        layout = null;
    }

    /** The topics that the application reads or has made, and those that its patterns match. */
    Set<String> topics(ClusterView cluster) {
        Set<String> topics = topics();
        topology.subtopologies()
                .forEach(each ->
                        each.sourceRegexes()
                                .forEach(regex -> topics.addAll(matched.of(regex, cluster))));
        return topics;
    }

    private Set<String> topics() {
        return new HashSet<>(topology.topicNames());
    }

    @Override
    public GroupType type() {
        return GroupType.STREAMS;
    }

    @Override
    public String protocolType() {
        return "streams";
    }

    @Override
    public GroupState state() {
        Layout known = layout;
        if (members.isEmpty()) {
            return GroupState.EMPTY;
        }
        if (known != null && known.problem() != null) {
            return GroupState.NOT_READY;
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
        GroupError error = mayCommit(claim, byEpoch);
        return _ -> error;
    }

    private GroupError mayCommit(Claim claim, boolean byEpoch) {
        if (claim.generation() < 0 && members.isEmpty()) {
            return GroupError.NONE;
        }
        StreamsMember member = members.get(claim.memberId());
        if (member == null) {
            return GroupError.UNKNOWN_MEMBER_ID;
        }
        if (!byEpoch) {
            return GroupError.UNSUPPORTED_VERSION;
        }
        return claim.generation() == member.position().epoch()
                ? GroupError.NONE
                : GroupError.STALE_MEMBER_EPOCH;
    }

    @Override
    public GroupError mayFetch(String memberId, int memberEpoch) {
        if (memberId.isEmpty() && memberEpoch < 0) {
            return GroupError.NONE;
        }
        StreamsMember member = members.get(memberId);
        if (member == null) {
            return GroupError.UNKNOWN_MEMBER_ID;
        }
        return memberEpoch == member.position().epoch()
                ? GroupError.NONE
                : GroupError.STALE_MEMBER_EPOCH;
    }

    @Override
    public Predicate<String> subscribed() {
        Set<String> topics = topics();
        boolean patterns =
                topology.subtopologies().stream().anyMatch(each -> !each.sourceRegexes().isEmpty());
        return topic -> !members.isEmpty() && (patterns || topics.contains(topic));
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
