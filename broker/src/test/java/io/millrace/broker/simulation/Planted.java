package io.millrace.broker.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.storage.simulation.seed.Seeds;

/** A bug that a simulation is given, to see that its checks find it. */
public enum Planted {
    NONE,
    /** An acceptance is taken for a release: the record is delivered, and accepted, again. */
    RECORD_ACKNOWLEDGED_TWICE,
    /** A release is taken for a rejection: nobody gets the record again. */
    RECORD_LOST,
    /** Acquisitions are answered and not stored. */
    DELIVERY_COUNT_WRONG,
    /** A member is taken to have given up what it still uses, or is given what another has. */
    TWO_OWNERS_IN_AN_EPOCH,
    /** One partition of a transaction is told the opposite of what was decided. */
    TRANSACTION_TORN,
    /** A batch is let in while an earlier one of its producer waits for the coordinator. */
    BATCH_OVERTAKEN,
    /** Commits are answered and not stored. */
    OFFSETS_GO_BACK;

    private static final int SEEDS = 300;

    /** Plays seeds until one is found to violate what the text says. */
    public void isCaughtAs(String text, Seeds.History history) throws Exception {
        assertThat(findsOne(text, history)).as("%s is caught as: %s", this, text).isTrue();
    }

    private static boolean findsOne(String text, Seeds.History history) throws Exception {
        for (long seed = 0; seed < SEEDS; seed++) {
            try {
                history.play(seed);
            } catch (AssertionError e) {
                if (String.valueOf(e.getMessage()).contains(text)) {
                    return true;
                }
            }
        }
        return false;
    }
}
