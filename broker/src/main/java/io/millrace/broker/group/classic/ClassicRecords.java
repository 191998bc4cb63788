package io.millrace.broker.group.classic;

import com.google.protobuf.ByteString;
import io.millrace.broker.group.GroupRequest;
import io.millrace.broker.group.GroupState;
import io.millrace.broker.group.RecordKeys;
import io.millrace.broker.proto.ClassicMember;
import io.millrace.broker.proto.ClassicProtocol;
import io.millrace.broker.proto.GroupValue;
import io.millrace.broker.shard.StoredRecord;
import java.util.ArrayList;

/** Classic groups as they are stored: one record a group. Stateless. */
public final class ClassicRecords {
    private ClassicRecords() {}

    /** The group's members and generation, as they are now. */
    public static StoredRecord group(ClassicGroup<?> group) {
        var value =
                GroupValue.newBuilder()
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
        return new StoredRecord(RecordKeys.group(group.id()), value.build().toByteString());
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

    /**
     * The group that a record tells of.
     *
     * @param nowMs sessions of its members begin now
     */
    public static <T> ClassicGroup<T> read(String id, GroupValue stored, long nowMs) {
        var group = new ClassicGroup<T>(id, nowMs);
        for (ClassicMember encoded : stored.getMembersList()) {
            Member<T> member = decode(encoded);
            group.add(member, stored.getProtocolType());
            group.renew(member, nowMs);
        }
        group.lead(stored.hasLeader() ? stored.getLeader() : null);
        group.enter(stored.getMembersCount() == 0 ? GroupState.EMPTY : GroupState.STABLE, nowMs);
        group.restore(
                stored.getGeneration(),
                stored.getProtocolType(),
                stored.hasProtocol() ? stored.getProtocol() : null,
                stored.getStateSinceMs());
        return group;
    }

    private static <T> Member<T> decode(ClassicMember encoded) {
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
        return member;
    }
}
