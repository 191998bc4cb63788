package io.millrace.bench.history;

import io.millrace.bench.history.Operation.Read;
import io.millrace.bench.history.Operation.Step;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Who sent and who read each record: indexes into the history. */
final class Index {
    private final Map<Long, Integer> senders = new HashMap<>();
    private final Map<Long, List<Integer>> readers = new HashMap<>();

    Index(List<Operation> history) {
        for (int i = 0; i < history.size(); i++) {
            for (Step step : history.get(i).steps()) {
                if (step instanceof Step.Sent sent) {
                    senders.putIfAbsent(sent.value(), i);
                } else if (step instanceof Step.Polled polled) {
                    add(i, polled);
                }
            }
        }
    }

    private void add(int index, Step.Polled polled) {
        for (List<Read> reads : polled.reads().values()) {
            for (Read read : reads) {
                readers.computeIfAbsent(read.value(), key -> new ArrayList<>(2)).add(index);
            }
        }
    }

    /** The operation that sent a record; -1 if none in the history did. */
    int sender(long value) {
        return senders.getOrDefault(value, -1);
    }

    /** The operations that read a record. */
    List<Integer> readers(long value) {
        return readers.getOrDefault(value, List.of());
    }

    /** Sender, if known, and readers. */
    List<Integer> all(long value) {
        var found = new ArrayList<Integer>();
        if (sender(value) >= 0) {
            found.add(sender(value));
        }
        found.addAll(readers(value));
        return found;
    }
}
