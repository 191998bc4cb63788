package io.millrace.broker.group.shard;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.broker.group.ClusterView;
import io.millrace.broker.group.GroupRequest.Place;
import io.millrace.broker.group.classic.ClassicRecords;
import io.millrace.broker.group.consumer.ConsumerGroup;
import io.millrace.broker.group.consumer.ConsumerRecords;
import io.millrace.broker.proto.GroupRecordKey;
import io.millrace.broker.proto.GroupValue;
import io.millrace.broker.proto.MemberValue;
import io.millrace.broker.proto.OffsetValue;
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
        if (key.hasOffset()) {
            offset(key, value);
        } else if (key.hasMember()) {
            member(key, value);
        } else if (value == null) {
            groups.remove(key.getGroup());
        } else {
            group(key.getGroup(), GroupValue.parseFrom(value));
        }
    }

    private void offset(GroupRecordKey key, @Nullable ByteString value)
            throws InvalidProtocolBufferException {
        var place = new Place(key.getOffset().getTopic(), key.getOffset().getPartition());
        if (value != null) {
            groups.findOrMake(key.getGroup(), nowMs)
                    .offsets()
                    .replay(place, OffsetValue.parseFrom(value));
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
        } else {
            group.become(new Kind.Classic<>(ClassicRecords.read(id, stored, nowMs)));
        }
        groups.watch(group);
    }

    /** The record of a group may have been written anew after, and so follow, those of members. */
    private void member(GroupRecordKey key, @Nullable ByteString value)
            throws InvalidProtocolBufferException {
        if (value != null) {
            Group<T> group = groups.findOrMake(key.getGroup(), nowMs);
            MemberValue stored = MemberValue.parseFrom(value);
            if (stored.hasConsumer()) {
                ConsumerRecords.replay(
                        consumer(group), key.getMember(), stored.getConsumer(), begin(group));
            }
            groups.watch(group);
            return;
        }
        Group<T> group = groups.find(key.getGroup());
        if (group != null && group.kind() instanceof Kind.Consumer<T>(ConsumerGroup members)) {
            ConsumerRecords.replay(members, key.getMember(), null, begin(group));
        }
    }

    private ConsumerRecords.Begin begin(Group<T> group) {
        return new ConsumerRecords.Begin(
                nowMs, cluster.setting(group.id(), "consumer.session.timeout.ms"));
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
