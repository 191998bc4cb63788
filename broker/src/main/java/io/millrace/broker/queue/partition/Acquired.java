package io.millrace.broker.queue.partition;

import io.millrace.broker.queue.model.OffsetRange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Records that were acquired, and how often each has been delivered now. */
public record Acquired(OffsetRange range, int deliveries) {
    /** Records as ranges, in the order of their offsets. */
    static List<Acquired> of(List<Held> held) {
        var sorted = new ArrayList<>(held);
        sorted.sort(Comparator.comparingLong(Held::offset));
        var ranges = new ArrayList<Acquired>();
        int start = 0;
        for (int i = 1; i <= sorted.size(); i++) {
            boolean ends =
                    i == sorted.size()
                            || sorted.get(i).offset() != sorted.get(i - 1).offset() + 1
                            || sorted.get(i).deliveries() != sorted.get(start).deliveries();
            if (ends) {
                var range = new OffsetRange(sorted.get(start).offset(), sorted.get(i - 1).offset());
                ranges.add(new Acquired(range, sorted.get(start).deliveries()));
                start = i;
            }
        }
        return ranges;
    }
}
