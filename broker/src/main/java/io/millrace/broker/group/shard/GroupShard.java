package io.millrace.broker.group.shard;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.broker.group.CommittedOffset;
import io.millrace.broker.group.GroupDescription;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupLimits;
import io.millrace.broker.group.GroupListing;
import io.millrace.broker.group.GroupReply;
import io.millrace.broker.group.GroupReply.Each;
import io.millrace.broker.group.GroupReply.Joined;
import io.millrace.broker.group.GroupReply.Plain;
import io.millrace.broker.group.GroupReply.Synced;
import io.millrace.broker.group.GroupRequest;
import io.millrace.broker.group.GroupRequest.Place;
import io.millrace.broker.group.Output;
import io.millrace.broker.group.classic.ClassicDescription;
import io.millrace.broker.group.classic.ClassicGroup;
import io.millrace.broker.group.classic.Rebalance;
import io.millrace.broker.shard.Machine;
import io.millrace.broker.shard.StoredRecord;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All groups of one partition of {@code __consumer_offsets}. Its state is the fold of the records
 * that it has asked to be stored: {@link #replay} of them gives it again, less who was waiting.
 *
 * @param <T> what a caller knows its requests by
 */
public final class GroupShard<T> implements Machine<T, GroupRequest, GroupReply, Void> {
    private final GroupLimits limits;
    private final GroupTable<T> groups = new GroupTable<>();

    public GroupShard(GroupLimits limits) {
        this.limits = limits;
    }

    private Turn<T> turn(long nowMs) {
        return new Turn<>(limits, groups, new Output<>(), nowMs);
    }

    /** Handles one request. */
    @Override
    public Output<T> handle(T request, GroupRequest asked, long nowMs) {
        Turn<T> turn = turn(nowMs);
        if (asked.group().isEmpty() && joins(asked)) {
            turn.out().reply(request, refusal(asked, GroupError.INVALID_GROUP_ID));
            return turn.out();
        }
        var classic = new ClassicRequests<>(turn);
        var any = new GroupRequests<>(turn);
        switch (asked) {
            case GroupRequest.Join join -> classic.join(request, join);
            case GroupRequest.Sync sync -> classic.sync(request, sync);
            case GroupRequest.Heartbeat beat -> classic.heartbeat(request, beat);
            case GroupRequest.Leave leave -> classic.leave(request, leave);
            case GroupRequest.Commit commit -> any.commit(request, commit);
            case GroupRequest.DeleteOffsets delete -> any.deleteOffsets(request, delete);
            case GroupRequest.Delete delete -> any.delete(request, delete.group());
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
                    GroupRequest.Leave _ ->
                    true;
            case GroupRequest.Commit _, GroupRequest.DeleteOffsets _, GroupRequest.Delete _ ->
                    false;
        };
    }

    /** The reply that tells of an error, in the form that the request expects. */
    public static GroupReply refusal(GroupRequest asked, GroupError error) {
        return switch (asked) {
            case GroupRequest.Join join -> Joined.failed(error, join.memberId());
            case GroupRequest.Sync sync -> Synced.failed(error);
            case GroupRequest.Commit commit ->
                    new Each(error, Collections.nCopies(commit.offsets().size(), error));
            case GroupRequest.DeleteOffsets delete -> new Each(error, List.of());
            case GroupRequest.Leave leave -> new Each(error, List.of());
            case GroupRequest.Heartbeat beat -> new Plain(error);
            case GroupRequest.Delete delete -> new Plain(error);
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

    /** Forgets the offsets of a topic that was deleted. */
    public Output<T> topicDeleted(String topic, long nowMs) {
        Turn<T> turn = turn(nowMs);
        groups.all().forEach(group -> group.offsets().forgetTopic(topic, turn.out()));
        return turn.out();
    }

    /** A committed offset; null if there is none. */
    public @Nullable CommittedOffset offset(String group, Place place) {
        Group<T> found = groups.find(group);
        return found == null ? null : found.offsets().at(place);
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
        new GroupReplay<>(groups, nowMs).apply(record);
    }
}
