package io.millrace.bench.report.page;

import java.util.Locale;

/** Numbers as people read them: three digits that matter, thousands apart. */
final class Numbers {
    private static final double[] STEPS = {1, 2, 2.5, 5, 10};

    private Numbers() {}

    /** As in {@code 1,234}, {@code 12.3}, {@code 0.0123}. */
    static String text(double value) {
        double size = Math.abs(value);
        if (size >= 100 || value == Math.rint(value)) {
            return String.format(Locale.ROOT, "%,.0f", value);
        }
        if (size >= 10) {
            return trimmed(value, 1);
        }
        if (size >= 1) {
            return trimmed(value, 2);
        }
        int leadingZeros = (int) Math.floor(-Math.log10(size));
        return trimmed(value, Math.min(6, leadingZeros + 2));
    }

    /** As text, for the labels of axes: short. */
    static String tick(double value) {
        double size = Math.abs(value);
        if (size >= 1e6) {
            return text(value / 1e6) + "M";
        }
        if (size >= 1e4) {
            return text(value / 1e3) + "k";
        }
        return text(value);
    }

    /** A ratio with two digits behind the point. */
    static String ratio(double value) {
        return String.format(Locale.ROOT, value < 0.1 ? "%.3f" : "%.2f", value);
    }

    /** A coordinate of a drawing. */
    static String place(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    /** The least step of 1, 2, 2.5 or 5 times a power of ten that is no less than the given. */
    static double niceStep(double least) {
        double power = Math.pow(10, Math.floor(Math.log10(least)));
        for (double step : STEPS) {
            if (step * power >= least * 0.999) {
                return step * power;
            }
        }
        return 10 * power;
    }

    private static String trimmed(double value, int digits) {
        String text = String.format(Locale.ROOT, "%." + digits + "f", value);
        return text.contains(".") ? text.replaceAll("0+$", "").replaceAll("\\.$", "") : text;
    }
}
