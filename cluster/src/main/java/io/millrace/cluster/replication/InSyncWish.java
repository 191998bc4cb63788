package io.millrace.cluster.replication;

import io.millrace.cluster.metadata.NodeIds;
import java.util.List;

/**
 * Who a leader wants in sync; the controller decides.
 *
 * @param leaderEpoch in which it leads
 * @param partitionEpoch on top of which the change is wanted
 * @param inSync the leader among them
 * @param nodeEpochs of each of them, the registration that has caught up; -1 if not known
 */
public record InSyncWish(
        int leaderEpoch, int partitionEpoch, NodeIds inSync, List<Long> nodeEpochs) {}
