package io.millrace.broker.group.shard;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.broker.group.ClusterView;
import io.millrace.broker.group.GroupRequest.Place;
import io.millrace.broker.group.classic.ClassicRecords;
import io.millrace.broker.group.consumer.ConsumerGroup;
import io.millrace.broker.group.consumer.ConsumerRecords;
import io.millrace.broker.group.member.Waits;
import io.millrace.broker.group.share.ShareGroup;
import io.millrace.broker.group.share.ShareRecords;
import io.millrace.broker.group.streams.StreamsGroup;
import io.millrace.broker.group.streams.StreamsRecords;
import io.millrace.broker.proto.GroupRecordKey;
import io.millrace.broker.proto.GroupValue;
import io.millrace.broker.proto.MemberValue;
import io.millrace.broker.proto.OffsetValue;
import io.millrace.broker.proto.PendingOffsetValue;
import io.millrace.broker.shard.StoredRecord;
import org.jspecify.annotations.Nullable;

/** Folds stored records into groups. */
record GroupReplay<T>(GroupTable<T> groups, ClusterView cluster, long nowMs) {
    /**
     * Applies one record.
     *
     * @throws InvalidProtocolBufferException if it cannot be decoded
     */
    void apply(StoredRecord record) throws InvalidProtocolBufferException {
        GroupRecordKey key = GroupRecordKey.parseFrom(record.key());
        ByteString value = record.value();
        if (key.hasTransactionOf()) {
            pending(key, value == null ? null : PendingOffsetValue.parseFrom(value));
        } else if (key.hasOffset()) {
            offset(key, value);
        } else if (key.hasMember()) {
            member(key, value);
        } else if (value == null) {
            groups.remove(key.getGroup());
        } else {
            group(key.getGroup(), GroupValue.parseFrom(value));
        }
    }

    private void pending(GroupRecordKey key, @Nullable PendingOffsetValue value) {
        if (value != null) {
            groups.order().stored(value.getOffset().getOrder());
        }
        groups.pending().replay(key, value);
    }

    private void offset(GroupRecordKey key, @Nullable ByteString value)
            throws InvalidProtocolBufferException {
        var place = new Place(key.getOffset().getTopic(), key.getOffset().getPartition());
        if (value != null) {
            OffsetValue stored = OffsetValue.parseFrom(value);
            groups.order().stored(stored.getOrder());
            groups.findOrMake(key.getGroup(), nowMs).offsets().replay(place, stored);
            return;
        }
        Group<T> group = groups.find(key.getGroup());
        if (group != null) {
            group.offsets().replay(place, null);
        }
    }

    private void group(String id, GroupValue stored) {
        Group<T> group = groups.findOrMake(id, nowMs);
        if (stored.hasConsumer()) {
            ConsumerRecords.replay(consumer(group), stored.getConsumer());
        } else if (stored.hasStreams()) {
            StreamsRecords.replay(streams(group), stored.getStreams());
        } else if (stored.hasShare()) {
            ShareRecords.replay(share(group), stored.getShare());
        } else {
            group.become(new Kind.Classic<>(ClassicRecords.read(id, stored, nowMs)));
        }
        groups.watch(group);
    }

    /** The record of a group may have been written anew after, and so follow, those of members. */
    private void member(GroupRecordKey key, @Nullable ByteString value)
            throws InvalidProtocolBufferException {
        String id = key.getMember();
        if (value == null) {
            Group<T> group = groups.find(key.getGroup());
            if (group != null) {
                removeMember(group, id);
            }
            return;
        }
        Group<T> group = groups.findOrMake(key.getGroup(), nowMs);
        MemberValue stored = MemberValue.parseFrom(value);
        switch (stored.getKindCase()) {
            case CONSUMER ->
                    ConsumerRecords.replay(
                            consumer(group), id, stored.getConsumer(), begin(group, "consumer"));
            case SHARE ->
                    ShareRecords.replay(share(group), id, stored.getShare(), begin(group, "share"));
            case STREAMS ->
                    StreamsRecords.replay(
                            streams(group), id, stored.getStreams(), begin(group, "streams"));
            case KIND_NOT_SET ->
                    throw new InvalidProtocolBufferException("a member of an unknown kind");
        }
        groups.watch(group);
    }

    private void removeMember(Group<T> group, String id) {
        switch (group.kind()) {
            case Kind.Classic<T> _ -> {}
            case Kind.Consumer<T>(ConsumerGroup members) ->
                    ConsumerRecords.replay(members, id, null, begin(group, "consumer"));
            case Kind.Share<T>(ShareGroup members) ->
                    ShareRecords.replay(members, id, null, begin(group, "share"));
            case Kind.Streams<T>(StreamsGroup members) ->
                    StreamsRecords.replay(members, id, null, begin(group, "streams"));
        }
    }

    private Waits.Begin begin(Group<T> group, String kind) {
        return new Waits.Begin(nowMs, cluster.setting(group.id(), kind + ".session.timeout.ms"));
    }

    private StreamsGroup streams(Group<T> group) {
        if (group.kind() instanceof Kind.Streams<T>(StreamsGroup members)) {
            return members;
        }
        var members = new StreamsGroup(group.id());
        group.become(new Kind.Streams<>(members));
        return members;
    }

    private ShareGroup share(Group<T> group) {
        if (group.kind() instanceof Kind.Share<T>(ShareGroup members)) {
            return members;
        }
        var members = new ShareGroup(group.id());
        group.become(new Kind.Share<>(members));
        return members;
    }

    private ConsumerGroup consumer(Group<T> group) {
        if (group.kind() instanceof Kind.Consumer<T>(ConsumerGroup members)) {
            return members;
        }
        var members = new ConsumerGroup(group.id());
        group.become(new Kind.Consumer<>(members));
        return members;
    }
}
