package io.millrace.broker.simulation.cluster;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Fetches of one follower, and answers to them, that the network keeps copies of: they come again
 * when it follows in another epoch, as from a connection that was stuck.
 */
final class OldMessages {
    private static final int MOST = 4;
    private static final int ONE_IN = 6;
    private static final int SOON_MS = 40;
    private static final int LATE_MS = 1_500;

    private final Events events;
    private final Deque<Runnable> some = new ArrayDeque<>();
    private final Deque<Runnable> cuts = new ArrayDeque<>();
    private int epoch = -1;

    OldMessages(Events events) {
        this.events = events;
    }

    /**
     * A message is sent.
     *
     * @param cuts whether it has the follower cut off its log: few do, and all are kept
     */
    void sent(Runnable delivery, boolean cuts) {
        if (cuts) {
            keep(this.cuts, delivery);
        } else if (events.random.nextInt(ONE_IN) == 0) {
            keep(some, delivery);
        }
    }

    private static void keep(Deque<Runnable> in, Runnable delivery) {
        in.add(delivery);
        if (in.size() > MOST) {
            in.remove();
        }
    }

    /** It follows in an epoch. */
    void follows(int newer) {
        if (newer == epoch) {
            return;
        }
        epoch = newer;
        if (!events.isCalm()) {
            cuts.forEach(this::comeAgain);
            some.forEach(this::comeAgain);
        }
    }

    private void comeAgain(Runnable delivery) {
        events.later(1 + events.random.nextInt(SOON_MS), delivery);
        events.later(1 + events.random.nextInt(LATE_MS), delivery);
    }
}
