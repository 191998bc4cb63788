package io.millrace.storage.compact;

import io.millrace.storage.batch.RecordBatchView;
import io.millrace.storage.producer.AbortedTransaction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What compaction knows of transactions: whether a batch was aborted, and whether anything of a
 * transaction is left when its marker comes. Everything that it is asked about is decided. Pure;
 * not thread-safe.
 */
final class TransactionFates {
    private final Map<Long, TreeMap<Long, AbortedTransaction>> abortedByProducer = new HashMap<>();
    private final Set<Long> withRecords = new HashSet<>();

    TransactionFates(List<AbortedTransaction> aborted) {
        for (AbortedTransaction each : aborted) {
            abortedByProducer
                    .computeIfAbsent(each.producerId(), id -> new TreeMap<>())
                    .put(each.firstOffset(), each);
        }
    }

    /** Whether the batch is part of a transaction that was aborted. */
    boolean isAborted(RecordBatchView batch) {
        if (!batch.isTransactional() || batch.isControl()) {
            return false;
        }
        var ranges = abortedByProducer.get(batch.producerId());
        var range = ranges == null ? null : ranges.floorEntry(batch.baseOffset());
        return range != null && range.getValue().lastOffset() > batch.baseOffset();
    }

    /** Notes a batch, in the order of the log: its marker is needed for as long as it is there. */
    void passed(RecordBatchView batch) {
        if (batch.isTransactional()) {
            withRecords.add(batch.producerId());
        }
    }

    /** Takes note of a marker; whether there was nothing of its transaction before it. */
    boolean endsNothing(RecordBatchView marker) {
        return !withRecords.remove(marker.producerId());
    }

    /** The aborted transaction that a marker ended; as a list of none or one. */
    List<AbortedTransaction> endedBy(RecordBatchView marker) {
        var found = new ArrayList<AbortedTransaction>(1);
        for (AbortedTransaction each :
                abortedByProducer.getOrDefault(marker.producerId(), new TreeMap<>()).values()) {
            if (each.lastOffset() == marker.baseOffset()) {
                found.add(each);
            }
        }
        return found;
    }
}
