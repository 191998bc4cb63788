package io.millrace.storage.simulation.seed;

import java.util.Random;

/**
 * The seeds that a simulation plays. A simulation is a test with the tag {@code simulation}: it
 * plays so many seeds from 0 on, or with {@code -Dmillrace.seed=S} those from S on ({@code
 * -Dmillrace.seeds=N} of them, else one), as {@code scripts/simulate} has it do. The events that it
 * played are added up in the system property {@code millrace.events}.
 */
public final class Seeds {
    private static final String FIRST = "millrace.seed";
    private static final String COUNT = "millrace.seeds";
    private static final String EVENTS = "millrace.events";
    private static final long FIRST_FRESH = 1_000_000;

    /** One seed's history. */
    @FunctionalInterface
    public interface History {
        /**
         * Plays it.
         *
         * @return its events
         * @throws Exception if it cannot go on, which counts as a violation
         */
        long play(long seed) throws Exception;
    }

    private Seeds() {}

    /** Whether the seeds are those of every build, over which totals can be expected. */
    public static boolean areUsual() {
        return System.getProperty(FIRST) == null && System.getProperty(COUNT) == null;
    }

    /** Plays every seed; the first violation ends it, and names its seed. */
    public static void each(int usually, History history) {
        long first = Long.getLong(FIRST, 0);
        long count = Long.getLong(COUNT, System.getProperty(FIRST) == null ? usually : 1);
        for (long seed = first; seed < first + count; seed++) {
            play(seed, history);
        }
    }

    /** Plays so many seeds that are the same each time, and so many that nobody has played. */
    public static void eachAndFresh(int same, int fresh, History history) {
        each(same, history);
        var random = new Random();
        for (int i = 0; areUsual() && i < fresh; i++) {
            play(FIRST_FRESH + random.nextInt(1 << 30), history);
        }
    }

    private static void play(long seed, History history) {
        long events;
        try {
            events = history.play(seed);
        } catch (AssertionError | Exception e) {
            throw new AssertionError(
                    "seed %d (-D%s=%d plays it again): %s"
                            .formatted(seed, FIRST, seed, e.getMessage()),
                    e);
        }
        System.setProperty(EVENTS, Long.toString(Long.getLong(EVENTS, 0) + events));
    }
}
