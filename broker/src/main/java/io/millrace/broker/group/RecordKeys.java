package io.millrace.broker.group;

import com.google.protobuf.ByteString;
import io.millrace.broker.group.GroupRequest.Place;
import io.millrace.broker.proto.GroupRecordKey;
import io.millrace.broker.proto.OffsetKey;

/** Keys of the records that groups are stored in. Stateless. */
public final class RecordKeys {
    private RecordKeys() {}

    /** Of the group itself. */
    public static ByteString group(String group) {
        return GroupRecordKey.newBuilder().setGroup(group).build().toByteString();
    }

    /** Of a member that is kept in a record of its own. */
    public static ByteString member(String group, String member) {
        return GroupRecordKey.newBuilder().setGroup(group).setMember(member).build().toByteString();
    }

    /** Of an offset that a producer's open transaction is to commit. */
    public static ByteString pendingOffset(String group, Place place, long producerId) {
        return GroupRecordKey.newBuilder()
                .setGroup(group)
                .setOffset(
                        OffsetKey.newBuilder()
                                .setTopic(place.topic())
                                .setPartition(place.partition()))
                .setTransactionOf(producerId)
                .build()
                .toByteString();
    }

    /** Of an offset that it has committed. */
    public static ByteString offset(String group, Place place) {
        return GroupRecordKey.newBuilder()
                .setGroup(group)
                .setOffset(
                        OffsetKey.newBuilder()
                                .setTopic(place.topic())
                                .setPartition(place.partition()))
                .build()
                .toByteString();
    }
}
