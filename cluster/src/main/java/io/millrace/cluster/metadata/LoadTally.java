package io.millrace.cluster.metadata;

import java.util.HashMap;
import java.util.Map;
import org.pcollections.PMap;

/** What changes of partitions come to for the loads of nodes. Used by one thread. */
final class LoadTally {
    private static final NodeLoad HOLDS = new NodeLoad(1, 0, 0, 0);
    private static final NodeLoad PREFERS = new NodeLoad(0, 1, 0, 0);
    private static final NodeLoad LEADS = new NodeLoad(0, 0, 1, 0);
    private static final NodeLoad LEADS_PREFERRED = new NodeLoad(0, 0, 1, 1);
    private static final int FIELDS = 4;

    /** By node: what is added to each field of {@link NodeLoad}. */
    private final Map<Integer, int[]> changes = new HashMap<>();

    /** A partition is another now. */
    void replace(PartitionImage before, PartitionImage after) {
        if (before.leader() != after.leader() || !before.replicas().equals(after.replicas())) {
            count(before, -1);
            count(after, 1);
        }
    }

    void add(PartitionImage partition) {
        count(partition, 1);
    }

    void remove(PartitionImage partition) {
        count(partition, -1);
    }

    private void count(PartitionImage partition, int sign) {
        NodeIds replicas = partition.replicas();
        for (int i = 0; i < replicas.size(); i++) {
            add(replicas.at(i), HOLDS, sign);
        }
        int preferred = replicas.at(0);
        add(preferred, PREFERS, sign);
        if (partition.leader() != PartitionImage.NO_LEADER) {
            boolean asPreferred = partition.leader() == preferred;
            add(partition.leader(), asPreferred ? LEADS_PREFERRED : LEADS, sign);
        }
    }

    private void add(int node, NodeLoad what, int sign) {
        int[] sums = changes.computeIfAbsent(node, _ -> new int[FIELDS]);
        sums[0] += sign * what.holds();
        sums[1] += sign * what.prefers();
        sums[2] += sign * what.leads();
        sums[3] += sign * what.leadsPreferred();
    }

    /** The loads with what was told since the last time. */
    PMap<Integer, NodeLoad> settle(PMap<Integer, NodeLoad> before) {
        PMap<Integer, NodeLoad> loads = before;
        for (Map.Entry<Integer, int[]> change : changes.entrySet()) {
            int[] sums = change.getValue();
            NodeLoad was = before.getOrDefault(change.getKey(), NodeLoad.NONE);
            NodeLoad is = was.plus(new NodeLoad(sums[0], sums[1], sums[2], sums[3]));
            loads =
                    is.equals(NodeLoad.NONE)
                            ? loads.minus(change.getKey())
                            : loads.plus(change.getKey(), is);
        }
        changes.clear();
        return loads;
    }
}
