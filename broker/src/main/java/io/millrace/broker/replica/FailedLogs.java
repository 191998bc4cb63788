package io.millrace.broker.replica;

import io.millrace.broker.loop.Partition;
import io.millrace.cluster.controller.Decision;
import io.millrace.cluster.controller.Decision.Accepted;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has others lead the partitions whose logs have failed here, until this node starts again. As long
 * as nobody else may, the controller is asked again from time to time. Called on the loops of the
 * partitions.
 */
final class FailedLogs {
    private static final Logger LOG = LoggerFactory.getLogger(FailedLogs.class);
    private static final long TELL_AGAIN_MS = 5_000;

    private final int self;
    private final Function<Partition, CompletableFuture<Decision>> controller;
    private final Set<Partition> underWay = ConcurrentHashMap.newKeySet();
    private final Map<Partition, Told> told = new ConcurrentHashMap<>();

    /** When, and as of which change of the partition. */
    private record Told(long atMs, int partitionEpoch) {}

    /**
     * @param controller is told that the log of a partition has failed; answers on any thread
     */
    FailedLogs(int self, Function<Partition, CompletableFuture<Decision>> controller) {
        this.self = self;
        this.controller = controller;
    }

    /** The log has failed. */
    void failed(Partition partition) {
        if (isCountedOn(partition) && underWay.add(partition)) {
            told.put(
                    partition,
                    new Told(partition.loop().nowMs(), partition.terms().partitionEpoch()));
            var _ =
                    controller
                            .apply(partition)
                            .whenComplete((decision, failure) -> {
                                underWay.remove(partition);
                                if (decision instanceof Accepted) {
                                    LOG.warn("{} is left to the other replicas", partition.id());
                                }
                            });
        }
    }

    /** Whether others wait for it, and could do without. */
    private boolean isCountedOn(Partition partition) {
        return !partition.isDeleted()
                && partition.terms().replicas().size() > 1
                && partition.terms().inSyncReplicas().has(self);
    }

    /** Tells again of what is not settled. */
    void tick(Partition partition) {
        Told last = told.get(partition);
        if (last == null
                || last.partitionEpoch() != partition.terms().partitionEpoch()
                || partition.loop().nowMs() - last.atMs() >= TELL_AGAIN_MS) {
            failed(partition);
        }
    }
}
