package io.millrace.broker.coordinator;

import io.millrace.broker.group.ClusterView;
import io.millrace.broker.group.GroupEffect;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupLimits;
import io.millrace.broker.group.GroupReply;
import io.millrace.broker.group.GroupRequest;
import io.millrace.broker.group.shard.GroupShard;
import io.millrace.broker.shard.Unavailable;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Shards of groups. */
record GroupKind(
        GroupLimits limits, Supplier<? extends ClusterView> cluster, Consumer<GroupEffect> effects)
        implements ShardKind<
                GroupShard<Consumer<GroupReply>>, GroupRequest, GroupReply, GroupEffect> {
    @Override
    public GroupShard<Consumer<GroupReply>> create() {
        return new GroupShard<>(limits, cluster.get());
    }

    @Override
    public GroupReply refusal(GroupRequest request, Unavailable why) {
        return GroupShard.refusal(request, error(why));
    }

    @Override
    public void perform(
            ShardRunner<GroupShard<Consumer<GroupReply>>, GroupRequest, GroupReply, GroupEffect>
                    shard,
            GroupEffect effect) {
        effects.accept(effect);
    }

    static GroupError error(Unavailable why) {
        return switch (why) {
            case NOT_COORDINATOR -> GroupError.NOT_COORDINATOR;
            case COORDINATOR_NOT_AVAILABLE -> GroupError.COORDINATOR_NOT_AVAILABLE;
            case COORDINATOR_LOAD_IN_PROGRESS -> GroupError.COORDINATOR_LOAD_IN_PROGRESS;
        };
    }
}
