package io.millrace.storage.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.storage.Durability;
import io.millrace.storage.LogConfig;
import io.millrace.storage.PartitionLog.AppendResult;
import io.millrace.storage.PartitionLog.Refusal;
import io.millrace.storage.StorageException;
import io.millrace.storage.disk.TooManyFilesException;
import io.millrace.storage.simulation.seed.Seeds;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Histories of a log that now and then may open no more files. */
class TooManyFilesSimulationTest {
    private static final int SEEDS = 500;
    private static final int STEPS = 60;

    private static LogConfig smallSegments() {
        LogConfig base = LogConfig.defaults();
        return base.withSegment(new LogConfig.Segments(600, 60_000, 0, 1 << 20, 100));
    }

    private static void stepWhereFilesAreShort(Play play) {
        try {
            play.steps(1);
        } catch (StorageException e) {
            // A read, or an end of retention: it changes nothing and says so.
            assertThat(e).hasCauseInstanceOf(TooManyFilesException.class);
            play.history.model.logStart = play.history.log().logStartOffset();
        }
    }

    @Test
    @Tag("simulation")
    void aLogThatMayOpenNoMoreFilesRefusesAndPutsOffAndHeals() {
        Seeds.each(
                SEEDS,
                seed -> {
                    var durability = seed % 3 == 0 ? Durability.OS : Durability.FSYNC;
                    var play = new Play(seed, durability, smallSegments());
                    play.steps(20);
                    play.history.disk.refuseOpens(1 + (int) (seed % 4) * 33);
                    for (int i = 0; i < STEPS; i++) {
                        stepWhereFilesAreShort(play);
                    }
                    assertThat(play.history.isOffline()).as("offline").isFalse();

                    play.history.disk.refuseOpens(0);

                    assertThat(play.history.append()).isInstanceOf(AppendResult.Appended.class);
                    play.check.everything();
                    play.steps(20);
                    play.history.flushAll();
                    assertThat(play.history.model.flushed).isEqualTo(play.history.model.end);
                    play.check.everything();
                    if (durability == Durability.OS) {
                        play.history.killAndReopen();
                    } else {
                        play.history.losePowerAndReopen(play.history.model.flushed);
                    }
                    play.check.everything();
                    play.check.quarantinedOnly();
                    play.history.closeAndReopen();
                    play.check.everything();
                    return play.played();
                });
    }

    @Test
    void aRollThatFindsNoFileLeftIsRefusedAndTheNextOneRolls() {
        var play = new Play(1, Durability.FSYNC, smallSegments());
        AppendResult result = play.history.append();
        play.history.flushAll();
        play.history.disk.refuseOpens(100);
        while (result instanceof AppendResult.Appended) {
            result = play.history.append();
        }
        assertThat(result)
                .isInstanceOfSatisfying(
                        AppendResult.Refused.class,
                        refused -> assertThat(refused.reason()).isEqualTo(Refusal.TOO_MANY_FILES));

        play.history.disk.refuseOpens(0);

        assertThat(play.history.append()).isInstanceOf(AppendResult.Appended.class);
        play.history.flushAll();
        play.check.everything();
    }

    @Test
    void aSyncThatCannotOpenTheFolderIsDoneByALaterTick() {
        var play = new Play(1, Durability.FSYNC, smallSegments());
        play.history.append();
        play.history.disk.refuseOpens(100);
        play.history.flushAll();
        assertThat(play.history.model.flushed).isZero();
        assertThat(play.history.isOffline()).isFalse();

        play.history.disk.refuseOpens(0);
        play.history.nowMs += 60_000;
        play.history.log().tick(play.history.nowMs);
        do {
            play.history.runOwner();
        } while (play.history.runFlush());

        assertThat(play.history.model.flushed).isEqualTo(play.history.model.end);
        play.history.losePowerAndReopen(play.history.model.end);
        play.check.everything();
    }
}
