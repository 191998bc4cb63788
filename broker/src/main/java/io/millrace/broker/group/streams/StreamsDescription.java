package io.millrace.broker.group.streams;

import io.millrace.broker.group.ClusterView;
import io.millrace.broker.group.GroupState;
import io.millrace.broker.group.task.Topology;
import java.util.List;

/** What there is to say of a streams group. */
public record StreamsDescription(
        String id,
        GroupState state,
        int epoch,
        int targetEpoch,
        Topology topology,
        List<StreamsMember> members) {
    public static StreamsDescription of(StreamsGroup group, ClusterView cluster) {
        group.layout(cluster);
        return new StreamsDescription(
                group.id(),
                group.state(),
                group.epoch(),
                group.targetEpoch(),
                group.topology(),
                List.copyOf(group.members()));
    }
}
