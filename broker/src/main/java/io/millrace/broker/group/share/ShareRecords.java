package io.millrace.broker.group.share;

import io.millrace.broker.group.GroupRequest.Client;
import io.millrace.broker.group.RecordKeys;
import io.millrace.broker.group.member.PartitionCodec;
import io.millrace.broker.group.member.Waits;
import io.millrace.broker.group.share.ShareMember.Epochs;
import io.millrace.broker.proto.EpochGroupValue;
import io.millrace.broker.proto.GroupValue;
import io.millrace.broker.proto.MemberValue;
import io.millrace.broker.proto.ShareMemberValue;
import io.millrace.broker.shard.StoredRecord;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Share groups as they are stored: a record for the group and one for each member. Stateless. */
public final class ShareRecords {
    private ShareRecords() {}

    /**
     * @param targetEpoch the epoch whose targets are stored
     */
    static StoredRecord group(ShareGroup group, int targetEpoch) {
        var value =
                EpochGroupValue.newBuilder()
                        .setEpoch(group.epoch())
                        .setTargetEpoch(targetEpoch)
                        .setMetadataHash(group.metadataHash());
        return new StoredRecord(
                RecordKeys.group(group.id()),
                GroupValue.newBuilder().setShare(value).build().toByteString());
    }

    /** A group that nobody has joined yet. */
    public static StoredRecord begun(ShareGroup group) {
        return group(group, group.targetEpoch());
    }

    static StoredRecord memberGone(String group, String member) {
        return new StoredRecord(RecordKeys.member(group, member), null);
    }

    static StoredRecord member(String group, ShareMember member) {
        var value =
                ShareMemberValue.newBuilder()
                        .setClientId(member.client().id())
                        .setClientHost(member.client().host())
                        .addAllTopics(member.topics())
                        .setEpoch(member.epochs().current())
                        .setPreviousEpoch(member.epochs().previous())
                        .addAllAssigned(PartitionCodec.encode(member.assigned()))
                        .addAllTarget(PartitionCodec.encode(member.target()));
        String rack = member.rackId();
        if (rack != null) {
            value.setRackId(rack);
        }
        return new StoredRecord(
                RecordKeys.member(group, member.id()),
                MemberValue.newBuilder().setShare(value).build().toByteString());
    }

    /** Applies a stored record of the group itself. */
    public static void replay(ShareGroup group, EpochGroupValue stored) {
        group.restore(stored.getEpoch(), stored.getTargetEpoch(), stored.getMetadataHash());
    }

    /**
     * Applies a stored record of a member.
     *
     * @param stored null if the member is gone
     * @param begin when its waits begin
     */
    public static void replay(
            ShareGroup group, String id, @Nullable ShareMemberValue stored, Waits.Begin begin) {
        if (stored == null) {
            group.remove(id);
            return;
        }
        group.put(
                new ShareMember(
                        id,
                        stored.hasRackId() ? stored.getRackId() : null,
                        new Client(stored.getClientId(), stored.getClientHost()),
                        new TreeSet<>(stored.getTopicsList()),
                        new Epochs(stored.getEpoch(), stored.getPreviousEpoch()),
                        PartitionCodec.partitions(stored.getAssignedList()),
                        PartitionCodec.partitions(stored.getTargetList())));
        group.waits().renew(id, begin.nowMs() + begin.sessionMs());
    }
}
