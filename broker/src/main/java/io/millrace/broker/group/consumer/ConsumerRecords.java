package io.millrace.broker.group.consumer;

import com.google.protobuf.ByteString;
import io.millrace.broker.group.GroupRequest.Client;
import io.millrace.broker.group.GroupRequest.Protocol;
import io.millrace.broker.group.RecordKeys;
import io.millrace.broker.group.consumer.ConsumerMember.ClassicSide;
import io.millrace.broker.group.consumer.ConsumerMember.Identity;
import io.millrace.broker.group.consumer.ConsumerMember.Phase;
import io.millrace.broker.group.consumer.ConsumerMember.Position;
import io.millrace.broker.group.consumer.ConsumerMember.Wants;
import io.millrace.broker.group.member.PartitionCodec;
import io.millrace.broker.group.member.Waits;
import io.millrace.broker.proto.ClassicProtocol;
import io.millrace.broker.proto.ConsumerMemberValue;
import io.millrace.broker.proto.EpochGroupValue;
import io.millrace.broker.proto.GroupValue;
import io.millrace.broker.proto.MemberValue;
import io.millrace.broker.shard.StoredRecord;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Consumer groups as they are stored: a record for the group and one for each member. */
public final class ConsumerRecords {
    private ConsumerRecords() {}

    /**
     * @param targetEpoch the epoch whose targets are stored
     */
    static StoredRecord group(ConsumerGroup group, int targetEpoch) {
        var value =
                EpochGroupValue.newBuilder()
                        .setEpoch(group.epoch())
                        .setTargetEpoch(targetEpoch)
                        .setMetadataHash(group.metadataHash());
        return new StoredRecord(
                RecordKeys.group(group.id()),
                GroupValue.newBuilder().setConsumer(value).build().toByteString());
    }

    static StoredRecord memberGone(String group, String member) {
        return new StoredRecord(RecordKeys.member(group, member), null);
    }

    static StoredRecord member(String group, ConsumerMember member) {
        Position position = member.position();
        var value =
                ConsumerMemberValue.newBuilder()
                        .setClientId(member.identity().client().id())
                        .setClientHost(member.identity().client().host())
                        .setRebalanceTimeoutMs(member.identity().rebalanceTimeoutMs())
                        .addAllTopics(member.wants().topics())
                        .setRegex(member.wants().regex())
                        .setAssignor(member.wants().assignor())
                        .setEpoch(position.epoch())
                        .setPreviousEpoch(position.previousEpoch())
                        .setPhase(phase(position.phase()))
                        .addAllHeld(PartitionCodec.encode(position.held()))
                        .addAllRevoking(PartitionCodec.encode(position.revoking()))
                        .addAllTarget(PartitionCodec.encode(member.target()));
        String instance = member.identity().instanceId();
        if (instance != null) {
            value.setInstanceId(instance);
        }
        String rack = member.identity().rackId();
        if (rack != null) {
            value.setRackId(rack);
        }
        ClassicSide classic = member.classic();
        if (classic != null) {
            value.setClassic(encode(classic));
        }
        return new StoredRecord(
                RecordKeys.member(group, member.id()),
                MemberValue.newBuilder().setConsumer(value).build().toByteString());
    }

    private static io.millrace.broker.proto.ClassicSide encode(ClassicSide classic) {
        var encoded =
                io.millrace.broker.proto.ClassicSide.newBuilder()
                        .setSessionTimeoutMs(classic.sessionTimeoutMs());
        for (Protocol protocol : classic.protocols()) {
            encoded.addProtocols(
                    ClassicProtocol.newBuilder()
                            .setName(protocol.name())
                            .setMetadata(ByteString.copyFrom(protocol.metadata().duplicate())));
        }
        return encoded.build();
    }

    private static ConsumerMemberValue.Phase phase(Phase phase) {
        return switch (phase) {
            case STABLE -> ConsumerMemberValue.Phase.STABLE;
            case UNREVOKED -> ConsumerMemberValue.Phase.UNREVOKED;
            case UNRELEASED -> ConsumerMemberValue.Phase.UNRELEASED;
        };
    }

    /** Applies a stored record of the group itself. */
    public static void replay(ConsumerGroup group, EpochGroupValue stored) {
        group.restore(stored.getEpoch(), stored.getTargetEpoch(), stored.getMetadataHash());
    }

    /**
     * Applies a stored record of a member.
     *
     * @param stored null if the member is gone
     * @param begin when its waits begin
     */
    public static void replay(
            ConsumerGroup group,
            String id,
            @Nullable ConsumerMemberValue stored,
            Waits.Begin begin) {
        if (stored == null) {
            group.remove(id);
            return;
        }
        var identity =
                new Identity(
                        stored.hasInstanceId() ? stored.getInstanceId() : null,
                        stored.hasRackId() ? stored.getRackId() : null,
                        new Client(stored.getClientId(), stored.getClientHost()),
                        stored.getRebalanceTimeoutMs());
        var member =
                new ConsumerMember(
                        id,
                        identity,
                        new Wants(
                                new TreeSet<>(stored.getTopicsList()),
                                stored.getRegex(),
                                stored.getAssignor()),
                        stored.hasClassic() ? decode(stored.getClassic()) : null,
                        position(stored),
                        PartitionCodec.partitions(stored.getTargetList()));
        group.put(member);
        group.beginWaits(member, begin.nowMs(), begin.sessionMs());
    }

    private static Position position(ConsumerMemberValue stored) {
        return new Position(
                stored.getEpoch(),
                stored.getPreviousEpoch(),
                switch (stored.getPhase()) {
                    case STABLE, UNRECOGNIZED -> Phase.STABLE;
                    case UNREVOKED -> Phase.UNREVOKED;
                    case UNRELEASED -> Phase.UNRELEASED;
                },
                PartitionCodec.holding(stored.getHeldList()),
                PartitionCodec.holding(stored.getRevokingList()));
    }

    private static ClassicSide decode(io.millrace.broker.proto.ClassicSide stored) {
        return new ClassicSide(
                stored.getSessionTimeoutMs(),
                stored.getProtocolsList().stream()
                        .map(each ->
                                new Protocol(
                                        each.getName(), each.getMetadata().asReadOnlyByteBuffer()))
                        .toList());
    }
}
