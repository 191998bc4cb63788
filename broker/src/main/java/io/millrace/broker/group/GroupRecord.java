package io.millrace.broker.group;

import com.google.protobuf.ByteString;
import io.millrace.broker.proto.ClassicGroupValue;
import io.millrace.broker.proto.ClassicMember;
import io.millrace.broker.proto.ClassicProtocol;
import io.millrace.broker.proto.GroupRecordKey;
import io.millrace.broker.proto.OffsetKey;
import io.millrace.broker.proto.OffsetValue;
import io.millrace.broker.shard.StoredRecord;

/** The changes of a group, as they are stored. */
final class GroupRecord {
    private GroupRecord() {}

    static StoredRecord group(ClassicGroup<?> group) {
        var value =
                ClassicGroupValue.newBuilder()
                        .setProtocolType(group.protocolType())
                        .setGeneration(group.generation())
                        .setStateSinceMs(group.stateSinceMs());
        String protocol = group.protocol();
        if (protocol != null) {
            value.setProtocol(protocol);
        }
        String leader = group.leader();
        if (leader != null) {
            value.setLeader(leader);
        }
        group.members().forEach(member -> value.addMembers(encode(member)));
        return new StoredRecord(key(group.id()), value.build().toByteString());
    }

    private static ClassicMember encode(Member<?> member) {
        var encoded =
                ClassicMember.newBuilder()
                        .setId(member.id())
                        .setClientId(member.client().id())
                        .setClientHost(member.client().host())
                        .setSessionTimeoutMs(member.timeouts().sessionMs())
                        .setRebalanceTimeoutMs(member.timeouts().rebalanceMs())
                        .setAssignment(ByteString.copyFrom(member.assignment().duplicate()));
        String instanceId = member.instanceId();
        if (instanceId != null) {
            encoded.setInstanceId(instanceId);
        }
        for (GroupRequest.Protocol protocol : member.protocols()) {
            encoded.addProtocols(
                    ClassicProtocol.newBuilder()
                            .setName(protocol.name())
                            .setMetadata(ByteString.copyFrom(protocol.metadata().duplicate())));
        }
        return encoded.build();
    }

    static StoredRecord groupGone(String group) {
        return new StoredRecord(key(group), null);
    }

    static StoredRecord offset(String group, GroupRequest.Place place, CommittedOffset offset) {
        var value =
                OffsetValue.newBuilder()
                        .setOffset(offset.offset())
                        .setLeaderEpoch(offset.leaderEpoch())
                        .setMetadata(offset.metadata())
                        .setCommittedMs(offset.committedMs());
        return new StoredRecord(key(group, place), value.build().toByteString());
    }

    static StoredRecord offsetGone(String group, GroupRequest.Place place) {
        return new StoredRecord(key(group, place), null);
    }

    private static ByteString key(String group) {
        return GroupRecordKey.newBuilder().setGroup(group).build().toByteString();
    }

    private static ByteString key(String group, GroupRequest.Place place) {
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
