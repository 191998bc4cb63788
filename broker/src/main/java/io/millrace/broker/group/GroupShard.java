package io.millrace.broker.group;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.broker.group.GroupReply.Each;
import io.millrace.broker.group.GroupReply.Joined;
import io.millrace.broker.group.GroupReply.Plain;
import io.millrace.broker.group.GroupReply.Synced;
import io.millrace.broker.group.GroupRequest.Place;
import io.millrace.broker.proto.ClassicGroupValue;
import io.millrace.broker.proto.ClassicMember;
import io.millrace.broker.proto.GroupRecordKey;
import io.millrace.broker.proto.OffsetValue;
import io.millrace.broker.shard.Machine;
import io.millrace.broker.shard.StoredRecord;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
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
    private final Map<String, ClassicGroup<T>> groups = new HashMap<>();

    public GroupShard(GroupLimits limits) {
        this.limits = limits;
    }

    /** Handles one request. */
    @Override
    public Output<T> handle(T request, GroupRequest asked, long nowMs) {
        var out = new Output<T>();
        if (asked.group().isEmpty() && joins(asked)) {
            out.reply(request, refusal(asked, GroupError.INVALID_GROUP_ID));
            return out;
        }
        switch (asked) {
            case GroupRequest.Join join -> join(request, join, out, nowMs);
            case GroupRequest.Sync sync -> {
                ClassicGroup<T> group = groups.get(sync.group());
                if (group == null) {
                    out.reply(request, Synced.failed(GroupError.UNKNOWN_MEMBER_ID));
                } else {
                    rebalance(group, out, nowMs).sync(request, sync);
                }
            }
            case GroupRequest.Heartbeat beat -> {
                ClassicGroup<T> group = groups.get(beat.group());
                out.reply(
                        request,
                        new Plain(
                                group == null
                                        ? GroupError.UNKNOWN_MEMBER_ID
                                        : rebalance(group, out, nowMs).heartbeat(beat.claim())));
            }
            case GroupRequest.Leave leave -> leave(request, leave, out, nowMs);
            case GroupRequest.Commit commit -> commit(request, commit, out, nowMs);
            case GroupRequest.DeleteOffsets delete -> deleteOffsets(request, delete, out, nowMs);
            case GroupRequest.Delete delete -> delete(request, delete.group(), out);
        }
        return out;
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

    private Rebalance<T> rebalance(ClassicGroup<T> group, Output<T> out, long nowMs) {
        return new Rebalance<>(limits, group, out, nowMs);
    }

    private Offsets<T> offsets(ClassicGroup<T> group, Output<T> out, long nowMs) {
        return new Offsets<>(limits, group, out, nowMs);
    }

    private void join(T request, GroupRequest.Join join, Output<T> out, long nowMs) {
        int sessionMs = join.timeouts().sessionMs();
        ClassicGroup<T> group = groups.get(join.group());
        if (sessionMs < limits.minSessionTimeoutMs() || sessionMs > limits.maxSessionTimeoutMs()) {
            out.reply(request, refusal(join, GroupError.INVALID_SESSION_TIMEOUT));
        } else if (group == null && !join.memberId().isEmpty()) {
            out.reply(request, refusal(join, GroupError.UNKNOWN_MEMBER_ID));
        } else {
            if (group == null) {
                group = new ClassicGroup<>(join.group(), nowMs);
                groups.put(join.group(), group);
            }
            rebalance(group, out, nowMs).join(request, join);
        }
    }

    private void leave(T request, GroupRequest.Leave leave, Output<T> out, long nowMs) {
        ClassicGroup<T> group = groups.get(leave.group());
        List<GroupError> outcomes =
                group == null
                        ? Collections.nCopies(leave.leavers().size(), GroupError.UNKNOWN_MEMBER_ID)
                        : rebalance(group, out, nowMs).leave(leave.leavers());
        out.reply(request, new Each(GroupError.NONE, outcomes));
    }

    private void commit(T request, GroupRequest.Commit commit, Output<T> out, long nowMs) {
        ClassicGroup<T> group = groups.get(commit.group());
        if (group == null && commit.claim().generation() >= 0) {
            out.reply(
                    request,
                    refusal(
                            commit,
                            commit.byEpoch()
                                    ? GroupError.GROUP_ID_NOT_FOUND
                                    : GroupError.ILLEGAL_GENERATION));
            return;
        }
        if (group == null) {
            group = new ClassicGroup<>(commit.group(), nowMs);
        }
        List<GroupError> outcomes = offsets(group, out, nowMs).commit(commit);
        if (!group.offsets().isEmpty()) {
            groups.putIfAbsent(commit.group(), group);
        }
        out.reply(request, new Each(GroupError.NONE, outcomes));
    }

    private void deleteOffsets(
            T request, GroupRequest.DeleteOffsets delete, Output<T> out, long nowMs) {
        ClassicGroup<T> group = groups.get(delete.group());
        if (group == null) {
            out.reply(request, refusal(delete, GroupError.GROUP_ID_NOT_FOUND));
            return;
        }
        Offsets<T> offsets = offsets(group, out, nowMs);
        out.reply(
                request,
                offsets.mayDelete()
                        ? new Each(GroupError.NONE, offsets.delete(delete.places()))
                        : refusal(delete, GroupError.NON_EMPTY_GROUP));
    }

    private void delete(T request, String id, Output<T> out) {
        ClassicGroup<T> group = groups.get(id);
        if (group == null) {
            out.reply(request, new Plain(GroupError.GROUP_ID_NOT_FOUND));
        } else if (!group.is(GroupState.EMPTY)) {
            out.reply(request, new Plain(GroupError.NON_EMPTY_GROUP));
        } else {
            group.offsets().keySet().forEach(place -> out.store(GroupRecord.offsetGone(id, place)));
            group.offsets().clear();
            drop(group, out);
            out.reply(request, new Plain(GroupError.NONE));
        }
    }

    private void drop(ClassicGroup<T> group, Output<T> out) {
        groups.remove(group.id());
        out.store(GroupRecord.groupGone(group.id()));
    }

    private void dropIfBare(ClassicGroup<T> group, Output<T> out) {
        boolean bare =
                group.is(GroupState.EMPTY)
                        && group.pendingMembers().isEmpty()
                        && group.offsets().isEmpty();
        if (bare) {
            drop(group, out);
        }
    }

    /** Does what time asks for in every group: sessions and phases that have ended. */
    @Override
    public Output<T> tick(long nowMs) {
        var out = new Output<T>();
        for (ClassicGroup<T> group : List.copyOf(groups.values())) {
            rebalance(group, out, nowMs).expire();
        }
        return out;
    }

    /** Forgets offsets that have outlived their groups, and groups that have nothing left. */
    public Output<T> expireOffsets(long nowMs) {
        var out = new Output<T>();
        for (ClassicGroup<T> group : List.copyOf(groups.values())) {
            offsets(group, out, nowMs).expire();
            dropIfBare(group, out);
        }
        return out;
    }

    /** Forgets the offsets of a topic that was deleted. */
    public Output<T> topicDeleted(String topic, long nowMs) {
        var out = new Output<T>();
        for (ClassicGroup<T> group : groups.values()) {
            offsets(group, out, nowMs).forgetTopic(topic);
        }
        return out;
    }

    /** A committed offset; null if there is none. */
    public @Nullable CommittedOffset offset(String group, Place place) {
        ClassicGroup<T> found = groups.get(group);
        return found == null ? null : found.offsets().get(place);
    }

    /** All committed offsets of a group. */
    public Map<Place, CommittedOffset> offsets(String group) {
        ClassicGroup<T> found = groups.get(group);
        return found == null ? Map.of() : Map.copyOf(found.offsets());
    }

    /** What there is to say of a group; null if there is no such group. */
    public @Nullable GroupDescription describe(String id) {
        ClassicGroup<T> group = groups.get(id);
        return group == null ? null : GroupDescription.of(group);
    }

    /** Every group, in no order. */
    public Collection<GroupDescription> list() {
        var listed = new ArrayList<GroupDescription>(groups.size());
        groups.values().forEach(group -> listed.add(GroupDescription.summary(group)));
        return listed;
    }

    /**
     * Applies a stored record.
     *
     * @param nowMs sessions of members that are found begin now
     * @throws InvalidProtocolBufferException if it cannot be decoded
     */
    @Override
    public void replay(StoredRecord record, long nowMs) throws InvalidProtocolBufferException {
        GroupRecordKey key = GroupRecordKey.parseFrom(record.key());
        ByteString value = record.value();
        if (key.hasOffset()) {
            replayOffset(key, value, nowMs);
        } else if (value == null) {
            groups.remove(key.getGroup());
        } else {
            replayGroup(key.getGroup(), ClassicGroupValue.parseFrom(value), nowMs);
        }
    }

    private void replayOffset(GroupRecordKey key, @Nullable ByteString value, long nowMs)
            throws InvalidProtocolBufferException {
        var place = new Place(key.getOffset().getTopic(), key.getOffset().getPartition());
        if (value == null) {
            ClassicGroup<T> group = groups.get(key.getGroup());
            if (group != null) {
                group.offsets().remove(place);
            }
            return;
        }
        OffsetValue stored = OffsetValue.parseFrom(value);
        groups.computeIfAbsent(key.getGroup(), id -> new ClassicGroup<>(id, nowMs))
                .offsets()
                .put(
                        place,
                        new CommittedOffset(
                                stored.getOffset(),
                                stored.getLeaderEpoch(),
                                stored.getMetadata(),
                                stored.getCommittedMs()));
    }

    private void replayGroup(String id, ClassicGroupValue stored, long nowMs) {
        var group = new ClassicGroup<T>(id, nowMs);
        ClassicGroup<T> before = groups.put(id, group);
        if (before != null) {
            group.offsets().putAll(before.offsets());
        }
        for (ClassicMember encoded : stored.getMembersList()) {
            var protocols = new ArrayList<GroupRequest.Protocol>();
            encoded.getProtocolsList()
                    .forEach(protocol ->
                            protocols.add(
                                    new GroupRequest.Protocol(
                                            protocol.getName(),
                                            protocol.getMetadata().asReadOnlyByteBuffer())));
            var member =
                    new Member<T>(
                            encoded.getId(),
                            encoded.hasInstanceId() ? encoded.getInstanceId() : null,
                            new GroupRequest.Client(encoded.getClientId(), encoded.getClientHost()),
                            new GroupRequest.Timeouts(
                                    encoded.getSessionTimeoutMs(), encoded.getRebalanceTimeoutMs()),
                            protocols);
            member.assign(encoded.getAssignment().asReadOnlyByteBuffer());
            member.renewSession(nowMs);
            group.add(member, stored.getProtocolType());
        }
        group.lead(stored.hasLeader() ? stored.getLeader() : null);
        group.enter(stored.getMembersCount() == 0 ? GroupState.EMPTY : GroupState.STABLE, nowMs);
        group.restore(
                stored.getGeneration(),
                stored.getProtocolType(),
                stored.hasProtocol() ? stored.getProtocol() : null,
                stored.getStateSinceMs());
    }
}
