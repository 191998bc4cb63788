package io.millrace.broker.group.consumer;

import io.millrace.broker.group.ClusterView;
import io.millrace.broker.group.GroupState;
import java.util.List;

/** What there is to say of a consumer group. */
public record ConsumerDescription(
        String id,
        GroupState state,
        int epoch,
        int targetEpoch,
        String assignor,
        List<ConsumerMember> members) {
    public static ConsumerDescription of(ConsumerGroup group, ClusterView cluster) {
        return new ConsumerDescription(
                group.id(),
                group.state(),
                group.epoch(),
                group.targetEpoch(),
                new Targets(group, cluster).assignor().name(),
                List.copyOf(group.members()));
    }
}
