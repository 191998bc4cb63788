package io.millrace.broker.group.shard;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.broker.group.GroupRequest.Place;
import io.millrace.broker.group.classic.ClassicRecords;
import io.millrace.broker.proto.GroupRecordKey;
import io.millrace.broker.proto.GroupValue;
import io.millrace.broker.proto.OffsetValue;
import io.millrace.broker.shard.StoredRecord;
import org.jspecify.annotations.Nullable;

/** Folds stored records into groups. */
record GroupReplay<T>(GroupTable<T> groups, long nowMs) {
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
        group.become(new Kind.Classic<>(ClassicRecords.read(id, stored, nowMs)));
        groups.watch(group);
    }
}
