package io.millrace.bench.compare;

import io.millrace.bench.load.AnswerListener;
import io.millrace.bench.report.Series;
import java.util.ArrayList;
import java.util.List;

/** The worst latency of each tenth of a second. On the load's thread. */
final class TimelineRecorder implements AnswerListener {
    static final String CHART =
            "Worst produce latency of each 100 ms, at half of Kafka's peak rate";
    private static final long SLOT_NS = 100_000_000;

    private final long beganNs;
    private final List<Long> worstNs = new ArrayList<>();

    TimelineRecorder(long beganNs) {
        this.beganNs = beganNs;
    }

    @Override
    public void answered(long nowNs, long latencyNs) {
        int slot = (int) (Math.max(0, nowNs - beganNs) / SLOT_NS);
        while (worstNs.size() <= slot) {
            worstNs.add(0L);
        }
        worstNs.set(slot, Math.max(latencyNs, worstNs.get(slot)));
    }

    /** Seconds and milliseconds; nothing where nothing was answered. */
    List<Series.Point> points() {
        var points = new ArrayList<Series.Point>();
        for (int slot = 0; slot < worstNs.size(); slot++) {
            if (worstNs.get(slot) > 0) {
                points.add(new Series.Point(slot * SLOT_NS / 1e9, worstNs.get(slot) / 1e6));
            }
        }
        return points;
    }
}
