package io.millrace.bench.report.page;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;

/**
 * Where values lie between the two ends of a drawing.
 *
 * @param scale from a value to its place before stretching
 * @param from the place of the low end
 * @param to the place of the high end
 */
record Axis(DoubleUnaryOperator scale, double from, double to, List<Tick> ticks) {
    private static final int STEPS = 5;
    private static final List<String> NINES = List.of("0", "50", "90", "99", "99.9", "99.99");
    private static final double WIDEST_LINEAR = 20;

    /** The place of the worst of all, past 99.99 %. */
    private static final double WORST_AT = 4.6;

    /** A value that is named, with its grid line. */
    record Tick(double value, String label) {}

    /** From nothing to the largest. */
    static Axis fromZero(double largest) {
        double top = largest > 0 ? largest : 1;
        double step = Numbers.niceStep(top / STEPS);
        double end = Math.ceil(top / step - 1e-9) * step;
        var ticks = new ArrayList<Tick>();
        for (int i = 0; i * step <= end * 1.0001; i++) {
            ticks.add(new Tick(i * step, Numbers.tick(i * step)));
        }
        return new Axis(value -> value, 0, end, ticks);
    }

    /** Between two values above zero, each factor of ten as wide as the next. */
    static Axis log(double least, double most) {
        double from = Math.floor(Math.log10(least) * 2) / 2;
        double to = Math.max(from + 0.5, Math.ceil(Math.log10(most) * 2) / 2);
        double[] steps = to - from > 3 ? new double[] {1} : new double[] {1, 3};
        var ticks = new ArrayList<Tick>();
        for (int power = (int) Math.floor(from); power <= to; power++) {
            for (double step : steps) {
                double value = step * Math.pow(10, power);
                double at = Math.log10(value);
                if (at >= from - 0.03 && at <= to + 0.03) {
                    ticks.add(new Tick(value, Numbers.tick(value)));
                }
            }
        }
        return new Axis(Math::log10, from, to, ticks);
    }

    /** A logarithmic axis that names just the given values. */
    static Axis named(List<Double> values) {
        double least = values.getFirst();
        double most = values.getLast();
        return new Axis(
                Math::log10,
                Math.log10(least),
                Math.log10(most),
                values.stream().map(value -> new Tick(value, Numbers.tick(value))).toList());
    }

    /** Percentiles, each further nine as wide as the one before; the worst of all at the end. */
    static Axis percentiles() {
        var ticks = new ArrayList<Tick>();
        NINES.forEach(label -> ticks.add(new Tick(Double.parseDouble(label), label)));
        ticks.add(new Tick(100, "max"));
        return new Axis(
                value -> value >= 100 ? WORST_AT : -Math.log10(1 - value / 100),
                0,
                WORST_AT,
                ticks);
    }

    /** Linear from zero, or logarithmic where values lie too far apart for that. */
    static Axis fitting(DoubleStream values) {
        var all = values.summaryStatistics();
        boolean wide = all.getMin() > 0 && all.getMax() / all.getMin() > WIDEST_LINEAR;
        return wide ? log(all.getMin(), all.getMax()) : fromZero(all.getMax());
    }

    /** From 0 at the low end to 1 at the high one. */
    double at(double value) {
        double place = (scale.applyAsDouble(value) - from) / (to - from);
        return Math.clamp(place, 0, 1);
    }
}
