package io.millrace.bench.report;

import java.util.List;
import java.util.Optional;

/**
 * A ratio that was aimed at.
 *
 * @param name of the figure
 * @param target the ratio that it should have
 * @param atMost whether the target is the largest that is good, or the smallest
 * @param ratio what was measured: the median of the rounds' ratios
 * @param least the smallest ratio of a round
 * @param most the largest
 */
public record Goal(
        String name, double target, boolean atMost, double ratio, double least, double most) {
    /** What was measured of a ratio, round by round; none where nothing was. */
    public static Optional<Goal> of(
            String name, double target, boolean atMost, List<Double> ours, List<Double> theirs) {
        return Ratio.of(ours, theirs)
                .map(one -> new Goal(name, target, atMost, one.median(), one.least(), one.most()));
    }

    public boolean met() {
        return atMost ? ratio <= target : ratio >= target;
    }
}
