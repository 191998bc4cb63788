package io.millrace.broker.simulation.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.simulation.cluster.Truth.Entry;
import io.millrace.storage.PartitionLog;
import java.util.TreeMap;

/** What a node's replica holds, shown or not: looked at as it grows, in one life of the node. */
final class Replica {
    private final TreeMap<Long, Entry> held = new TreeMap<>();
    private long end;
    private long agreed;

    /**
     * It has no holes; what one leader wrote at an offset is the same on all that have it; and who
     * is in sync has all that is committed, on its disk.
     */
    void check(int node, PartitionLog log, Truth truth) {
        look(node, log, truth);
        if (!truth.isInSync(node)) {
            return;
        }
        long committed = truth.committedEnd();
        assertThat(log.flushedOffset())
                .as("what node %d, which is in sync, has on its disk", node)
                .isGreaterThanOrEqualTo(committed);
        for (; agreed < committed; agreed++) {
            truth.checkHolds(node, agreed, held.get(agreed));
        }
    }

    private void look(int node, PartitionLog log, Truth truth) {
        long now = log.logEndOffset();
        if (now < end) {
            held.tailMap(now).clear();
            end = now;
            agreed = Math.min(agreed, now);
        }
        if (now == end) {
            return;
        }
        Truth.entries(log, end, now)
                .tailMap(end)
                .forEach((offset, entry) -> {
                    assertThat(offset)
                            .as("the next offset in the log of node %d", node)
                            .isEqualTo(end);
                    truth.wrote(node, offset, entry);
                    held.put(offset, entry);
                    end = offset + 1;
                });
    }
}
