package io.millrace.broker.group.streams;

import io.millrace.broker.group.GroupRequest.Client;
import io.millrace.broker.group.RecordKeys;
import io.millrace.broker.group.member.Waits;
import io.millrace.broker.group.streams.StreamsMember.Identity;
import io.millrace.broker.group.streams.StreamsMember.Phase;
import io.millrace.broker.group.streams.StreamsMember.Position;
import io.millrace.broker.group.task.TaskSet;
import io.millrace.broker.group.task.Tasks;
import io.millrace.broker.proto.EpochGroupValue;
import io.millrace.broker.proto.GroupValue;
import io.millrace.broker.proto.MemberValue;
import io.millrace.broker.proto.RoleTasks;
import io.millrace.broker.proto.StreamsGroupValue;
import io.millrace.broker.proto.StreamsMemberValue;
import io.millrace.broker.proto.SubtopologyTasks;
import io.millrace.broker.shard.StoredRecord;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Streams groups as they are stored: a record for the group and one for each member. */
public final class StreamsRecords {
    private StreamsRecords() {}

    /**
     * @param targetEpoch the epoch whose targets are stored
     */
    static StoredRecord group(StreamsGroup group, int targetEpoch) {
        var epochs =
                EpochGroupValue.newBuilder()
                        .setEpoch(group.epoch())
                        .setTargetEpoch(targetEpoch)
                        .setMetadataHash(group.metadataHash());
        var value =
                StreamsGroupValue.newBuilder()
                        .setEpochs(epochs)
                        .setTopology(TopologyCodec.encode(group.topology()));
        return new StoredRecord(
                RecordKeys.group(group.id()),
                GroupValue.newBuilder().setStreams(value).build().toByteString());
    }

    static StoredRecord memberGone(String group, String member) {
        return new StoredRecord(RecordKeys.member(group, member), null);
    }

    static StoredRecord member(String group, StreamsMember member) {
        Position position = member.position();
        Identity identity = member.identity();
        var value =
                StreamsMemberValue.newBuilder()
                        .setProcessId(identity.processId())
                        .setClientId(identity.client().id())
                        .setClientHost(identity.client().host())
                        .setRebalanceTimeoutMs(identity.rebalanceTimeoutMs())
                        .setTopologyEpoch(identity.topologyEpoch())
                        .setEpoch(position.epoch())
                        .setPreviousEpoch(position.previousEpoch())
                        .setPhase(phase(position.phase()))
                        .setHeld(encode(position.held()))
                        .setRevoking(encode(position.revoking()))
                        .setTarget(encode(member.target()));
        String rack = identity.rackId();
        if (rack != null) {
            value.setRackId(rack);
        }
        return new StoredRecord(
                RecordKeys.member(group, member.id()),
                MemberValue.newBuilder().setStreams(value).build().toByteString());
    }

    private static StreamsMemberValue.Phase phase(Phase phase) {
        return switch (phase) {
            case STABLE -> StreamsMemberValue.Phase.STABLE;
            case UNREVOKED -> StreamsMemberValue.Phase.UNREVOKED;
            case UNRELEASED -> StreamsMemberValue.Phase.UNRELEASED;
        };
    }

    private static RoleTasks encode(Tasks tasks) {
        return RoleTasks.newBuilder()
                .addAllActive(encode(tasks.active()))
                .addAllStandby(encode(tasks.standby()))
                .build();
    }

    private static List<SubtopologyTasks> encode(TaskSet tasks) {
        var encoded = new ArrayList<SubtopologyTasks>();
        for (String id : tasks.subtopologies()) {
            var one = SubtopologyTasks.newBuilder().setSubtopology(id);
            tasks.of(id).forEach(one::addPartitions);
            encoded.add(one.build());
        }
        return encoded;
    }

    /** Applies a stored record of the group itself. */
    public static void replay(StreamsGroup group, StreamsGroupValue stored) {
        EpochGroupValue epochs = stored.getEpochs();
        group.adopt(TopologyCodec.decode(stored.getTopology()));
        group.restore(epochs.getEpoch(), epochs.getTargetEpoch(), epochs.getMetadataHash());
    }

    /**
     * Applies a stored record of a member.
     *
     * @param stored null if the member is gone
     * @param begin when its waits begin
     */
    public static void replay(
            StreamsGroup group, String id, @Nullable StreamsMemberValue stored, Waits.Begin begin) {
        if (stored == null) {
            group.remove(id);
            return;
        }
        var identity =
                new Identity(
                        stored.hasRackId() ? stored.getRackId() : null,
                        stored.getProcessId(),
                        new Client(stored.getClientId(), stored.getClientHost()),
                        stored.getRebalanceTimeoutMs(),
                        stored.getTopologyEpoch());
        var position =
                new Position(
                        stored.getEpoch(),
                        stored.getPreviousEpoch(),
                        switch (stored.getPhase()) {
                            case STABLE, UNRECOGNIZED -> Phase.STABLE;
                            case UNREVOKED -> Phase.UNREVOKED;
                            case UNRELEASED -> Phase.UNRELEASED;
                        },
                        decode(stored.getHeld()),
                        decode(stored.getRevoking()));
        group.put(new StreamsMember(id, identity, position, decode(stored.getTarget())));
        group.waits().renew(id, begin.nowMs() + begin.sessionMs());
        group.waits().done(id);
        if (position.phase() == Phase.UNREVOKED) {
            group.waits().ask(id, begin.nowMs() + identity.rebalanceTimeoutMs());
        }
    }

    private static Tasks decode(RoleTasks stored) {
        return new Tasks(decode(stored.getActiveList()), decode(stored.getStandbyList()));
    }

    private static TaskSet decode(List<SubtopologyTasks> stored) {
        var tasks = new TaskSet.Builder();
        for (SubtopologyTasks one : stored) {
            one.getPartitionsList().forEach(each -> tasks.add(one.getSubtopology(), each));
        }
        return tasks.build();
    }
}
