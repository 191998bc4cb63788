package io.millrace.broker.group.shard;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.broker.group.ClusterView;
import io.millrace.broker.group.CommittedOffset;
import io.millrace.broker.group.ConsumerHeartbeat;
import io.millrace.broker.group.GroupDescription;
import io.millrace.broker.group.GroupEffect;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupLimits;
import io.millrace.broker.group.GroupListing;
import io.millrace.broker.group.GroupReply;
import io.millrace.broker.group.GroupReply.Beat;
import io.millrace.broker.group.GroupReply.Each;
import io.millrace.broker.group.GroupReply.Enlisted;
import io.millrace.broker.group.GroupReply.Joined;
import io.millrace.broker.group.GroupReply.Plain;
import io.millrace.broker.group.GroupReply.Synced;
import io.millrace.broker.group.GroupRequest;
import io.millrace.broker.group.GroupRequest.Place;
import io.millrace.broker.group.Output;
import io.millrace.broker.group.ShareHeartbeat;
import io.millrace.broker.group.StreamsHeartbeat;
import io.millrace.broker.group.classic.ClassicDescription;
import io.millrace.broker.group.classic.ClassicGroup;
import io.millrace.broker.group.classic.Rebalance;
import io.millrace.broker.group.consumer.ConsumerDescription;
import io.millrace.broker.group.consumer.ConsumerGroup;
import io.millrace.broker.group.consumer.ConsumerTurn;
import io.millrace.broker.group.share.ShareDescription;
import io.millrace.broker.group.share.ShareGroup;
import io.millrace.broker.group.share.ShareMember;
import io.millrace.broker.group.share.ShareTurn;
import io.millrace.broker.group.streams.StreamsDescription;
import io.millrace.broker.group.streams.StreamsGroup;
import io.millrace.broker.group.streams.StreamsTurn;
import io.millrace.broker.shard.Machine;
import io.millrace.broker.shard.StoredRecord;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * All groups of one partition of {@code __consumer_offsets}. Its state is the fold of the records
 * that it has asked to be stored: {@link #replay} of them gives it again, less who was waiting.
 *
 * @param <T> what a caller knows its requests by
 */
public final class GroupShard<T> implements Machine<T, GroupRequest, GroupReply, GroupEffect> {
    private final GroupLimits limits;
    private final GroupTable<T> groups = new GroupTable<>();

    private ClusterView cluster;

    /**
     * @param cluster what is known of it now; {@link #follow} and {@link #refresh} tell more
     */
    public GroupShard(GroupLimits limits, ClusterView cluster) {
        this.limits = limits;
        this.cluster = cluster;
    }

    private Turn<T> turn(long nowMs) {
        return new Turn<>(limits, cluster, groups, new Output<>(), nowMs);
    }

    /**
     * The cluster has changed.
     *
     * @param before the version that the change is from; if that is not the one known here, more
     *     may have changed
     * @param topics names of topics that came, went or grew
     */
    public Output<T> follow(ClusterView next, long before, Collection<String> topics) {
        if (before != cluster.version()) {
            return refresh(next);
        }
        cluster = next;
        for (Group<T> group : groups.all()) {
            topics.forEach(topic -> follow(group, topic, next.topic(topic) != null));
        }
        return new Output<>();
    }

    private void follow(Group<T> group, String topic, boolean exists) {
        switch (group.kind()) {
            case Kind.Classic<T> _ -> {}
            case Kind.Consumer<T>(ConsumerGroup members) -> members.follow(topic, exists);
            case Kind.Share<T>(ShareGroup members) -> members.follow(topic);
            case Kind.Streams<T>(StreamsGroup members) -> members.follow(topic, exists);
        }
    }

    /** Tells how the cluster is, in case that changes went unheard. */
    public Output<T> refresh(ClusterView now) {
        if (now.version() > cluster.version()) {
            cluster = now;
            for (Group<T> group : groups.all()) {
                switch (group.kind()) {
                    case Kind.Classic<T> _ -> {}
                    case Kind.Consumer<T>(ConsumerGroup members) -> members.followAnything();
                    case Kind.Share<T>(ShareGroup members) -> members.followAnything();
                    case Kind.Streams<T>(StreamsGroup members) -> members.followAnything();
                }
            }
        }
        return new Output<>();
    }

    /** Handles one request. */
    @Override
    public Output<T> handle(T request, GroupRequest asked, long nowMs) {
        Turn<T> turn = turn(nowMs);
        if (asked.group().isEmpty() && joins(asked)) {
            turn.out().reply(request, refusal(asked, GroupError.INVALID_GROUP_ID));
            return turn.out();
        }
        if (groups.size() >= limits.maxGroups()
                && groups.find(asked.group()) == null
                && begins(asked)) {
            turn.out().reply(request, refusal(asked, GroupError.GROUP_MAX_SIZE_REACHED));
            return turn.out();
        }
        var classic = new ClassicRequests<>(turn);
        var any = new GroupRequests<>(turn);
        var transactional = new TransactionalRequests<>(turn);
        switch (asked) {
            case ConsumerHeartbeat beat -> new ConsumerRequests<>(turn).heartbeat(request, beat);
            case ShareHeartbeat beat -> new ShareRequests<>(turn).heartbeat(request, beat);
            case GroupRequest.BeginShare _ ->
                    new ShareRequests<>(turn).begin(request, asked.group());
            case StreamsHeartbeat beat -> new StreamsRequests<>(turn).heartbeat(request, beat);
            case GroupRequest.Join join -> classic.join(request, join);
            case GroupRequest.Sync sync -> classic.sync(request, sync);
            case GroupRequest.Heartbeat beat -> classic.heartbeat(request, beat);
            case GroupRequest.Leave leave -> classic.leave(request, leave);
            case GroupRequest.Commit commit -> any.commit(request, commit);
            case GroupRequest.DeleteOffsets delete -> any.deleteOffsets(request, delete);
            case GroupRequest.Delete delete -> any.delete(request, delete.group());
            case GroupRequest.Enlist enlist -> transactional.enlist(request, enlist);
            case GroupRequest.TransactionalCommit commit -> transactional.commit(request, commit);
            case GroupRequest.EndTransaction ended -> transactional.end(request, ended.end());
        }
        Group<T> touched = groups.find(asked.group());
        if (touched != null) {
            groups.watch(touched);
        }
        return turn.out();
    }

    /** Whether only members ask this. The others may name the empty group, as old clients did. */
    private static boolean joins(GroupRequest asked) {
        return switch (asked) {
            case GroupRequest.Join _,
                    GroupRequest.Sync _,
                    GroupRequest.Heartbeat _,
                    GroupRequest.Leave _,
                    GroupRequest.BeginShare _ ->
                    true;
            case ConsumerHeartbeat _,
                    ShareHeartbeat _,
                    StreamsHeartbeat _,
                    GroupRequest.Commit _,
                    GroupRequest.DeleteOffsets _,
                    GroupRequest.Delete _,
                    GroupRequest.Enlist _,
                    GroupRequest.TransactionalCommit _,
                    GroupRequest.EndTransaction _ ->
                    false;
        };
    }

    /** Whether a group comes to be by this, if there is none of that name. */
    private static boolean begins(GroupRequest asked) {
        return switch (asked) {
            case ConsumerHeartbeat beat -> beat.epoch() == ConsumerHeartbeat.JOIN;
            case ShareHeartbeat beat -> beat.epoch() == ShareHeartbeat.JOIN;
            case StreamsHeartbeat beat -> beat.epoch() == StreamsHeartbeat.JOIN;
            case GroupRequest.BeginShare _ -> true;
            case GroupRequest.Join join -> join.memberId().isEmpty();
            case GroupRequest.Commit commit -> commit.claim().generation() < 0;
            case GroupRequest.TransactionalCommit commit -> commit.claim().generation() < 0;
            case GroupRequest.Sync _,
                    GroupRequest.Heartbeat _,
                    GroupRequest.Leave _,
                    GroupRequest.DeleteOffsets _,
                    GroupRequest.Delete _,
                    GroupRequest.Enlist _,
                    GroupRequest.EndTransaction _ ->
                    false;
        };
    }

    /** The reply that tells of an error, in the form that the request expects. */
    public static GroupReply refusal(GroupRequest asked, GroupError error) {
        return switch (asked) {
            case ConsumerHeartbeat _, ShareHeartbeat _ -> Beat.failed(error, null);
            case StreamsHeartbeat _ -> StreamsHeartbeat.Answer.failed(error, null);
            case GroupRequest.Join join -> Joined.failed(error, join.memberId());
            case GroupRequest.Sync sync -> Synced.failed(error);
            case GroupRequest.Commit commit ->
                    new Each(error, Collections.nCopies(commit.offsets().size(), error));
            case GroupRequest.DeleteOffsets delete -> new Each(error, List.of());
            case GroupRequest.Leave leave -> new Each(error, List.of());
            case GroupRequest.Heartbeat beat -> new Plain(error);
            case GroupRequest.Delete delete -> new Plain(error);
            case GroupRequest.Enlist enlist -> new Enlisted(error, 0);
            case GroupRequest.TransactionalCommit commit ->
                    new Each(error, Collections.nCopies(commit.offsets().size(), error));
            case GroupRequest.EndTransaction ended -> new Plain(error);
            case GroupRequest.BeginShare begin -> new Plain(error);
        };
    }

    /** Does what time asks for: sessions and phases that have ended. */
    @Override
    public Output<T> tick(long nowMs) {
        Turn<T> turn = turn(nowMs);
        for (Group<T> group : groups.due(nowMs)) {
            switch (group.kind()) {
                case Kind.Classic<T>(ClassicGroup<T> members) ->
                        new Rebalance<>(limits, members, turn.out(), nowMs).expire();
                case Kind.Consumer<T>(ConsumerGroup members) -> {
                    new ConsumerTurn(members, cluster, turn.out(), nowMs).tick();
                    new Migrations<>(turn).downgradeIfAllAreClassic(group);
                }
                case Kind.Share<T>(ShareGroup members) ->
                        new ShareTurn(members, cluster, turn.out(), nowMs).tick();
                case Kind.Streams<T>(StreamsGroup members) ->
                        new StreamsTurn(members, cluster, turn.out(), nowMs).tick();
            }
            groups.watch(group);
        }
        return turn.out();
    }

    /** Forgets offsets that have outlived their groups, and groups that have nothing left. */
    public Output<T> expireOffsets(long nowMs) {
        Turn<T> turn = turn(nowMs);
        groups.copy().forEach(new GroupRequests<>(turn)::expireOffsets);
        return turn.out();
    }

    /** Forgets the offsets of a topic that was deleted, those of open transactions too. */
    public Output<T> topicDeleted(String topic, long nowMs) {
        Turn<T> turn = turn(nowMs);
        groups.all().forEach(group -> group.offsets().forgetTopic(topic, turn.out()));
        groups.pending().forgetTopic(topic, turn.out());
        return turn.out();
    }

    /** The coordinator has refused a producer that was enlisted under this number. */
    public Output<T> withdraw(long producerId, long number) {
        groups.pending().withdraw(producerId, number);
        return new Output<>();
    }

    /** A committed offset; null if there is none. */
    public @Nullable CommittedOffset offset(String group, Place place) {
        Group<T> found = groups.find(group);
        return found == null ? null : found.offsets().at(place);
    }

    /**
     * Whether whoever asks may read offsets of a group; NONE if so.
     *
     * @param memberId empty if it does not say that it is a member
     * @param epoch negative if it does not say which
     */
    public GroupError mayFetch(String group, String memberId, int epoch) {
        Group<T> found = groups.find(group);
        return found == null ? GroupError.NONE : found.members().mayFetch(memberId, epoch);
    }

    /** Tells where in a group an open transaction is to commit another offset; used at once. */
    public Predicate<Place> unstable(String group) {
        return groups.pending().heldOf(group);
    }

    /** All committed offsets of a group. */
    public Map<Place, CommittedOffset> offsets(String group) {
        Group<T> found = groups.find(group);
        return found == null ? Map.of() : Map.copyOf(found.offsets().all());
    }

    /** What there is to say of a classic group; null if there is no such group. */
    public @Nullable GroupDescription describe(String id) {
        Group<T> group = groups.find(id);
        ClassicGroup<T> members = group == null ? null : group.classic();
        return members == null ? null : ClassicDescription.of(members);
    }

    /** What there is to say of a consumer group; null if there is no such group. */
    public @Nullable ConsumerDescription describeConsumer(String id) {
        Group<T> group = groups.find(id);
        return group != null && group.kind() instanceof Kind.Consumer<T>(ConsumerGroup members)
                ? ConsumerDescription.of(members, cluster)
                : null;
    }

    /** What there is to say of a share group; null if there is no such group. */
    public @Nullable ShareDescription describeShare(String id) {
        Group<T> group = groups.find(id);
        return group != null && group.kind() instanceof Kind.Share<T>(ShareGroup members)
                ? ShareDescription.of(members)
                : null;
    }

    /** A member of a share group; null if there is none. */
    public @Nullable ShareMember shareMember(String group, String member) {
        Group<T> found = groups.find(group);
        return found != null && found.kind() instanceof Kind.Share<T>(ShareGroup members)
                ? members.member(member)
                : null;
    }

    /** What there is to say of a streams group; null if there is no such group. */
    public @Nullable StreamsDescription describeStreams(String id) {
        Group<T> group = groups.find(id);
        return group != null && group.kind() instanceof Kind.Streams<T>(StreamsGroup members)
                ? StreamsDescription.of(members, cluster)
                : null;
    }

    /** Every group, in no order. */
    public Collection<GroupListing> list() {
        return groups.all().stream().map(Group::listing).toList();
    }

    /**
     * Applies a stored record.
     *
     * @param nowMs sessions of members that are found begin now
     * @throws InvalidProtocolBufferException if it cannot be decoded
     */
    @Override
    public void replay(StoredRecord record, long nowMs) throws InvalidProtocolBufferException {
        new GroupReplay<>(groups, cluster, nowMs).apply(record);
    }
}
