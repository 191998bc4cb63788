package io.millrace.broker.queue;

import io.millrace.broker.queue.model.OffsetRange;
import io.millrace.broker.queue.model.Scan;
import io.millrace.broker.queue.model.Traits;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** The log that a queue reads: batches of records, and some that are no data. */
final class SimulatedLog {
    private final Random random;
    private final boolean indexed;
    private final List<Traits> traits = new ArrayList<>();
    private final List<Integer> batchEnds = new ArrayList<>();
    private final List<Boolean> isData = new ArrayList<>();

    SimulatedLog(Random random, boolean indexed) {
        this.random = random;
        this.indexed = indexed;
    }

    int end() {
        return traits.size();
    }

    Traits traits(long offset) {
        return traits.get((int) offset);
    }

    boolean isData(long offset) {
        return isData.get((int) offset);
    }

    void append(long nowMs) {
        boolean data = random.nextInt(8) > 0;
        int count = 1 + random.nextInt(6);
        for (int i = 0; i < count; i++) {
            traits.add(indexed && data ? randomTraits(nowMs) : Traits.PLAIN);
            isData.add(data);
        }
        batchEnds.add(traits.size());
    }

    private Traits randomTraits(long nowMs) {
        return new Traits(
                random.nextInt(4),
                random.nextInt(4) == 0 ? nowMs + random.nextInt(2000) : 0,
                random.nextInt(6) == 0 ? nowMs + random.nextInt(3000) : Traits.NEVER,
                random.nextInt(3));
    }

    /** What a reader finds from an offset on. */
    Scan scan(long from) {
        if (from < 0 || from >= end()) {
            return Scan.NONE;
        }
        var units = new ArrayList<Scan.Unit>();
        int start = 0;
        long to = from;
        int budget = 1 + random.nextInt(4);
        for (int end : batchEnds) {
            if (end > from && budget-- > 0) {
                to = end;
                add(units, start, end);
            }
            start = end;
        }
        return new Scan(from, to, units, indexed);
    }

    private void add(List<Scan.Unit> units, int start, int end) {
        if (!isData(start)) {
            return;
        }
        if (!indexed) {
            units.add(new Scan.Unit(new OffsetRange(start, end - 1), Traits.PLAIN));
            return;
        }
        for (int offset = start; offset < end; offset++) {
            units.add(new Scan.Unit(new OffsetRange(offset, offset), traits(offset)));
        }
    }
}
