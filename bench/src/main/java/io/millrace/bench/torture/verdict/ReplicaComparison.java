package io.millrace.bench.torture.verdict;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Whether the replicas of a partition hold the same. Logs are compared between the largest of their
 * starts and the smallest of their ends: what only some of them still have, or have already, is
 * nobody's promise.
 */
public final class ReplicaComparison {
    private ReplicaComparison() {}

    /**
     * The first difference in words; empty if there is none.
     *
     * @param logs by node, batches in the order of the files
     * @param sameEnd whether all have to end at one offset: nothing was written when they stopped
     */
    public static Optional<String> difference(
            Map<Integer, List<StoredBatch>> logs, boolean sameEnd) {
        for (var log : new TreeMap<>(logs).entrySet()) {
            Optional<String> disorder = disorder(log.getKey(), log.getValue());
            if (disorder.isPresent()) {
                return disorder;
            }
        }
        var ends = new TreeMap<Integer, Long>();
        long start = 0;
        for (var log : logs.entrySet()) {
            List<StoredBatch> batches = log.getValue();
            ends.put(log.getKey(), batches.isEmpty() ? 0 : batches.getLast().endOffset());
            start = Math.max(start, batches.isEmpty() ? 0 : batches.getFirst().baseOffset());
        }
        Set<Long> distinctEnds = new HashSet<>(ends.values());
        if (sameEnd && distinctEnds.size() > 1) {
            return Optional.of("the replicas end at different offsets: " + ends);
        }
        long end = distinctEnds.stream().mapToLong(Long::longValue).min().orElse(0);
        return byBatch(logs, start, end);
    }

    private static Optional<String> disorder(int node, List<StoredBatch> batches) {
        long next = 0;
        for (StoredBatch batch : batches) {
            if (batch.baseOffset() < next) {
                return Optional.of(
                        "node %d has a batch at offset %d behind one that ends at %d"
                                .formatted(node, batch.baseOffset(), next));
            }
            next = batch.endOffset();
        }
        return Optional.empty();
    }

    private static Optional<String> byBatch(
            Map<Integer, List<StoredBatch>> logs, long start, long end) {
        var byNode = new TreeMap<Integer, Map<Long, StoredBatch>>();
        var offsets = new TreeSet<Long>();
        logs.forEach((node, batches) -> {
            var within = new HashMap<Long, StoredBatch>();
            for (StoredBatch batch : batches) {
                if (batch.baseOffset() >= start && batch.endOffset() <= end) {
                    within.put(batch.baseOffset(), batch);
                    offsets.add(batch.baseOffset());
                }
            }
            byNode.put(node, within);
        });
        for (long offset : offsets) {
            var found = new HashSet<Optional<StoredBatch>>();
            var lacking = new ArrayList<Integer>();
            byNode.forEach((node, batches) -> {
                StoredBatch batch = batches.get(offset);
                found.add(Optional.ofNullable(batch));
                if (batch == null) {
                    lacking.add(node);
                }
            });
            if (found.size() > 1) {
                return Optional.of(
                        lacking.isEmpty()
                                ? "the batches at offset %d differ".formatted(offset)
                                : "nodes %s have no batch at offset %d".formatted(lacking, offset));
            }
        }
        return Optional.empty();
    }
}
