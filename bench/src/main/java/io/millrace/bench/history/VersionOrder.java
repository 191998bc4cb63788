package io.millrace.bench.history;

import io.millrace.bench.history.Operation.Outcome;
import io.millrace.bench.history.Operation.Read;
import io.millrace.bench.history.Operation.Step;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The records of one partition in the order of its log, as far as clients saw it: what was read,
 * and what was acknowledged with an offset. A record's rank is its place among those; offsets that
 * only markers and aborted records take do not count.
 */
final class VersionOrder {
    private final TreeMap<Long, Set<Long>> valuesByOffset = new TreeMap<>();
    private final Map<Long, Set<Long>> offsetsByValue = new HashMap<>();
    private final Set<Long> read = new HashSet<>();
    private final Map<Long, Integer> ranks = new HashMap<>();
    private final List<Long> ranked = new ArrayList<>();
    private int largestRankRead = -1;

    /** The orders of all partitions of a history. */
    static Map<Place, VersionOrder> of(List<Operation> history) {
        var orders = new TreeMap<Place, VersionOrder>();
        for (Operation operation : history) {
            for (Step step : operation.steps()) {
                if (step instanceof Step.Polled polled) {
                    polled.reads().forEach((place, reads) -> order(orders, place).addReads(reads));
                } else if (step instanceof Step.Sent sent) {
                    order(orders, sent.place()).addSend(sent, operation.outcome());
                }
            }
        }
        orders.values().forEach(VersionOrder::rank);
        return orders;
    }

    private static VersionOrder order(Map<Place, VersionOrder> orders, Place place) {
        return orders.computeIfAbsent(place, key -> new VersionOrder());
    }

    private void addReads(List<Read> reads) {
        for (Read one : reads) {
            add(one.offset(), one.value());
            read.add(one.value());
        }
    }

    private void addSend(Step.Sent sent, Outcome outcome) {
        if (outcome == Outcome.OK && sent.offset() >= 0) {
            add(sent.offset(), sent.value());
        }
    }

    private void add(long offset, long value) {
        valuesByOffset.computeIfAbsent(offset, key -> new TreeSet<>()).add(value);
        offsetsByValue.computeIfAbsent(value, key -> new TreeSet<>()).add(offset);
    }

    private void rank() {
        for (Set<Long> values : valuesByOffset.values()) {
            for (long value : values) {
                if (ranks.putIfAbsent(value, ranked.size()) == null) {
                    if (read.contains(value)) {
                        largestRankRead = ranked.size();
                    }
                    ranked.add(value);
                }
            }
        }
    }

    /** Where a record stands; empty if its offset is not known. */
    OptionalInt rank(long value) {
        Integer rank = ranks.get(value);
        return rank == null ? OptionalInt.empty() : OptionalInt.of(rank);
    }

    /** The records in order. */
    List<Long> values() {
        return ranked;
    }

    boolean wasRead(long value) {
        return read.contains(value);
    }

    /** The last record that anybody read; -1 if none was. */
    int largestRankRead() {
        return largestRankRead;
    }

    /** Offsets with more than one record. */
    Map<Long, Set<Long>> disputedOffsets() {
        return several(valuesByOffset);
    }

    /** Records with more than one offset. */
    Map<Long, Set<Long>> repeatedValues() {
        return several(offsetsByValue);
    }

    private static Map<Long, Set<Long>> several(Map<Long, Set<Long>> all) {
        var found = new TreeMap<Long, Set<Long>>();
        all.forEach((key, set) -> {
            if (set.size() > 1) {
                found.put(key, set);
            }
        });
        return found;
    }
}
