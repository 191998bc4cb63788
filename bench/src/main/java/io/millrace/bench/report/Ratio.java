package io.millrace.bench.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * How one's figure stands to another's, round by round.
 *
 * @param median of the rounds' ratios
 * @param least the smallest ratio of a round
 * @param most the largest
 */
public record Ratio(double median, double least, double most) {
    /** Whether it is of more than one round. */
    public boolean hasSpread() {
        return least < most;
    }

    /** Empty if there is no round that both have, or a figure to divide by is zero. */
    public static Optional<Ratio> of(List<Double> ours, List<Double> theirs) {
        var ratios = new ArrayList<Double>();
        for (int round = 0; round < Math.min(ours.size(), theirs.size()); round++) {
            if (theirs.get(round) == 0) {
                return Optional.empty();
            }
            ratios.add(ours.get(round) / theirs.get(round));
        }
        return ratios.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new Ratio(
                                Measurement.median(ratios),
                                Collections.min(ratios),
                                Collections.max(ratios)));
    }
}
