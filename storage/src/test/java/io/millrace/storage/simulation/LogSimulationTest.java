package io.millrace.storage.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.storage.Durability;
import io.millrace.storage.LogConfig;
import io.millrace.storage.LogConfig.Retention;
import io.millrace.storage.LogConfig.Segments;
import io.millrace.storage.PartitionLog.AppendResult;
import io.millrace.storage.simulation.seed.Seeds;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Seeded histories of one log; a failure prints its seed. */
class LogSimulationTest {
    private static final int SEEDS = 500;

    /** Plays one seed. */
    private interface Scenario {
        /** Returns the history that it played. */
        Play play(long seed);
    }

    private static void eachSeed(Scenario scenario) {
        Seeds.each(SEEDS, seed -> scenario.play(seed).played());
    }

    private static LogConfig smallSegments(long seed) {
        LogConfig base = LogConfig.defaults();
        var segments =
                new Segments(
                        600 + (int) (seed % 5) * 700,
                        60_000,
                        0,
                        1 << 20,
                        100 + (int) (seed % 3) * 300);
        var retention = new Retention(true, false, 120_000, 30_000, base.retention().compaction());
        return base.withSegment(segments).withRetention(retention);
    }

    @Test
    @Tag("simulation")
    void whatWasFlushedSurvivesEveryKillOfTheProcess() {
        eachSeed(seed -> {
            var play = new Play(seed, Durability.FSYNC, smallSegments(seed));
            for (int round = 0; round < 4; round++) {
                play.steps(30);
                play.maybeCrashDuringSteps();
                play.history.killAndReopen();
                play.check.everything();
                play.check.quarantinedOnly();
            }
            return play;
        });
    }

    @Test
    @Tag("simulation")
    void whatWasFlushedSurvivesEveryLossOfPower() {
        eachSeed(seed ->
                losePowerAgainAndAgain(new Play(seed, Durability.FSYNC, smallSegments(seed))));
    }

    @Test
    void aRecordThatIsLostThoughItWasFlushedIsCaught() {
        assertThatThrownBy(() ->
                        eachSeed(seed -> {
                            var play = new Play(seed, Durability.FSYNC, smallSegments(seed));
                            play.history.disk.lieAboutSyncs();
                            return losePowerAgainAndAgain(play);
                        }))
                .isInstanceOf(AssertionError.class);
    }

    private static Play losePowerAgainAndAgain(Play play) {
        for (int round = 0; round < 4; round++) {
            play.steps(30);
            play.maybeCrashDuringSteps();
            long safe = play.history.model.flushed;
            play.history.losePowerAndReopen(safe);
            assertThat(play.history.log().quarantined())
                    .as("quarantined though it was flushed")
                    .allSatisfy(
                            range -> assertThat(range.firstOffset()).isGreaterThanOrEqualTo(safe));
            play.check.everything();
            play.check.quarantinesBytes();
            play.forgetQuarantined();
        }
        return play;
    }

    @Test
    @Tag("simulation")
    void aLossOfPowerLeavesHolesThatAreCutAndNotQuarantined() {
        var cut = new AtomicInteger();
        eachSeed(seed -> {
            var play = new Play(seed, Durability.FSYNC, LogConfig.defaults());
            play.steps(20);
            play.history.flushAll();
            play.history.closeAndReopen();
            for (int i = 0; i < 12; i++) {
                play.history.append();
            }
            long safe = play.history.model.flushed;
            play.history.events.clear();
            play.history.losePowerAndReopen(safe);
            play.check.everything();
            play.check.quarantinesNoHole();
            cut.addAndGet(
                    (int)
                            play.history.events.stream()
                                    .filter(event -> event.startsWith("truncated"))
                                    .count());
            return play;
        });
        if (Seeds.areUsual()) {
            assertThat(cut).hasPositiveValue();
        }
    }

    @Test
    @Tag("simulation")
    void aCleanStopKeepsEverything() {
        eachSeed(seed -> {
            var play =
                    new Play(
                            seed,
                            seed % 2 == 0 ? Durability.OS : Durability.FSYNC,
                            smallSegments(seed));
            for (int round = 0; round < 3; round++) {
                play.steps(30);
                play.history.closeAndReopen();
                play.check.everything();
                play.check.quarantinedOnly();
            }
            play.history.losePowerAndReopen(play.history.model.end);
            play.check.everything();
            play.check.quarantinedOnly();
            return play;
        });
    }

    @Test
    @Tag("simulation")
    void aFullDiskRefusesWritesAndHeals() {
        eachSeed(LogSimulationTest::fullDisk);
    }

    @Test
    void aBatchThatAFullDiskRefusedMayComeBackWithALossOfPowerInPlaceOfNothingAcknowledged() {
        assertThat(fullDisk(2_000_680).history.log().logEndOffset()).isEqualTo(23);
        assertThat(fullDisk(2_006_609).history.log().logEndOffset()).isEqualTo(38);
    }

    @Test
    void retentionFreesADiskThatHasNoRoomForACheckpoint() {
        var play = new Play(7, Durability.FSYNC, smallSegments(7));
        play.steps(60);
        LogHistory history = play.history;
        long used = history.disk.usedBytes();
        history.disk.capacity(used);
        history.log().retain(history.nowMs + 1_000_000, history.log().logEndOffset());
        history.flushAll();
        assertThat(history.disk.usedBytes()).isLessThan(used / 2);
    }

    @Test
    void aBatchThatIsWholeButForItsOffsetIsBad() {
        assertThat(fullDisk(1_023_451_166).history.log().quarantined()).isEmpty();
    }

    private static Play fullDisk(long seed) {
        var play = new Play(seed, Durability.FSYNC, smallSegments(seed));
        play.steps(20);
        play.history.disk.capacity(
                play.history.disk.usedBytes() + play.history.random.nextInt(2000));
        play.steps(30);
        assertThat(play.history.isOffline()).as("offline").isFalse();
        play.check.everything();
        play.history.disk.capacity(Long.MAX_VALUE);
        assertThat(play.history.append()).isInstanceOf(AppendResult.Appended.class);
        play.steps(20);
        play.check.everything();
        play.history.losePowerAndReopen(play.history.model.flushed);
        play.check.everything();
        play.forgetQuarantined();
        return play;
    }

    @Test
    @Tag("simulation")
    void aSyncThatFailsTakesTheLogOfflineAndLosesNothingThatWasAcknowledged() {
        eachSeed(seed -> {
            var play = new Play(seed, Durability.FSYNC, smallSegments(seed));
            play.steps(20);
            play.history.flushAll();
            long safe = play.history.model.flushed;
            play.history.disk.failSyncs(1);
            play.history.append();
            play.history.flushAll();
            assertThat(play.history.isOffline()).as("offline").isTrue();
            assertThat(play.history.model.flushed).isEqualTo(safe);
            assertThat(play.history.append()).isInstanceOf(AppendResult.Refused.class);
            play.check.everyOffsetReadsItsBatch();
            play.history.losePowerAndReopen(safe);
            play.check.everything();
            return play;
        });
    }

    @Test
    @Tag("simulation")
    void aWriteThatFailsTakesTheLogOfflineAndLosesNothingThatWasAcknowledged() {
        eachSeed(seed -> {
            var play = new Play(seed, Durability.FSYNC, smallSegments(seed));
            play.steps(20);
            long safe = play.history.model.flushed;
            play.history.disk.failWrites(1);
            assertThat(play.history.append()).isInstanceOf(AppendResult.Refused.class);
            assertThat(play.history.isOffline()).as("offline").isTrue();
            play.check.everyOffsetReadsItsBatch();
            if (seed % 2 == 0) {
                play.history.losePowerAndReopen(safe);
            } else {
                play.history.killAndReopen();
            }
            play.check.everything();
            return play;
        });
    }

    @Test
    @Tag("simulation")
    void underOsAProcessMayDieAndOnlyPowerLosesWhatWasNotSynced() {
        eachSeed(seed -> {
            var play = new Play(seed, Durability.OS, smallSegments(seed));
            for (int round = 0; round < 3; round++) {
                play.steps(30);
                play.maybeCrashDuringSteps();
                play.history.killAndReopen();
                play.check.everything();
                play.check.quarantinedOnly();
            }
            long safe = play.history.model.end;
            play.steps(30);
            play.history.losePowerAndReopen(safe);
            play.check.everything();
            return play;
        });
    }

    @Test
    @Tag("simulation")
    void aFlippedBitIsQuarantinedByVerificationAndNothingElseIs() {
        eachSeed(LogSimulationTest::flippedBits);
    }

    @Test
    void aGoodBatchBetweenTwoBadOnesIsServed() {
        assertThat(flippedBits(62_801_908).history.log().quarantined()).hasSize(2);
    }

    private static Play flippedBits(long seed) {
        var play = new Play(seed, Durability.FSYNC, smallSegments(seed));
        play.steps(60);
        play.history.flushAll();
        Set<Long> damaged = play.flipSomeBits(1 + (int) (seed % 3), false);

        verifiedAndReopened(play, damaged);
        play.steps(20);
        play.history.flushAll();
        play.history.closeAndReopen();
        play.check.quarantinesExactly(damaged);
        play.check.everything();
        return play;
    }

    /** What is damaged is found, nothing else is, and a restart knows it still. */
    private static void verifiedAndReopened(Play play, Set<Long> damaged) {
        var verification = play.history.log().planVerification();
        verification.run();
        verification.finish();

        play.check.quarantinesExactly(damaged);
        play.check.everything();
        play.history.flushAll();
        play.history.killAndReopen();
        play.check.quarantinesExactly(damaged);
    }

    @Test
    @Tag("simulation")
    void aDamagedHeaderIsFoundByTheReadThatMeetsItAndTheRestIsServed() {
        eachSeed(seed -> {
            var play = new Play(seed, Durability.FSYNC, smallSegments(seed));
            play.steps(40);
            play.history.closeAndReopen();
            return readsWithout(play, play.flipSomeBits(1, true));
        });
    }

    private static Play readsWithout(Play play, Set<Long> damaged) {
        play.check.readsAllWithout(damaged);

        play.history.append();
        play.history.flushAll();
        play.check.readsAllWithout(damaged);
        return play;
    }

    @Test
    @Tag("simulation")
    void aBitOfAHeaderThatNoCrcCoversIsFoundByVerificationAndCostsItsBatchOnly() {
        eachSeed(seed -> {
            var play = new Play(seed, Durability.FSYNC, smallSegments(seed));
            play.steps(60);
            play.history.flushAll();
            Set<Long> damaged = play.flipHeader(0, true);
            verifiedAndReopened(play, damaged);
            play.check.everything();
            return play;
        });
    }

    @Test
    @Tag("simulation")
    void aBitOfAHeaderThatNoCrcCoversIsFoundByTheReadThatMeetsIt() {
        eachSeed(seed -> {
            var play = new Play(seed, Durability.FSYNC, smallSegments(seed));
            play.steps(40);
            play.history.closeAndReopen();
            return readsWithout(play, play.flipHeader(0, true));
        });
    }

    @Test
    @Tag("simulation")
    void aBitOfAHeaderThatNoCrcCoversIsFoundByRecoveryAndCostsItsBatchOnly() {
        eachSeed(seed -> {
            var play = new Play(seed, Durability.FSYNC, smallSegments(seed));
            if (seed % 3 > 0) {
                play.steps(20);
                play.history.closeAndReopen();
            }
            long since = play.history.model.end;
            for (int i = 1 + (int) (seed % 12); i > 0; i--) {
                play.history.append();
            }
            play.history.flushAll();
            Set<Long> damaged = play.flipHeader(since, false);

            play.history.killAndReopen();

            play.check.quarantinesExactly(damaged);
            play.check.everything();
            play.steps(20);
            play.history.flushAll();
            play.history.killAndReopen();
            play.check.quarantinesExactly(damaged);
            play.check.everything();
            return play;
        });
    }

    @Test
    @Tag("simulation")
    void aYoungLogsTornEndIsCutAndNotQuarantined() {
        var cut = new AtomicInteger();
        eachSeed(seed -> {
            var play = new Play(seed, Durability.FSYNC, LogConfig.defaults());
            for (int i = 3 + (int) (seed % 12); i > 0; i--) {
                play.history.append();
                if (play.history.random.nextInt(5) == 0) {
                    play.history.flushAll();
                }
            }

            play.history.losePowerAndReopen(play.history.model.flushed);

            play.check.quarantinesNoHole();
            play.check.everything();
            cut.addAndGet(
                    (int)
                            play.history.events.stream()
                                    .filter(event -> event.startsWith("truncated"))
                                    .count());
            return play;
        });
        if (Seeds.areUsual()) {
            assertThat(cut).hasPositiveValue();
        }
    }

    @Test
    @Tag("simulation")
    void whatWasWrittenSinceTheCheckpointIsCheckedWhenTheProcessWasKilled() {
        eachSeed(seed -> {
            var play = new Play(seed, Durability.FSYNC, smallSegments(seed));
            play.steps(20);
            play.history.closeAndReopen();
            long since = play.history.model.end;
            for (int i = 0; i < 8; i++) {
                play.history.append();
            }
            play.history.flushAll();
            Set<Long> damaged = play.flipIn(since, play.history.model.end - 5);

            play.history.killAndReopen();

            play.check.quarantinesExactly(damaged);
            play.check.everything();
            return play;
        });
    }

    @Test
    @Tag("simulation")
    void lostIndexesAreMadeAgain() {
        eachSeed(seed -> {
            var play = new Play(seed, Durability.FSYNC, smallSegments(seed));
            play.steps(60);
            play.history.closeAndReopen();
            play.history.killAndReopen();
            play.damageIndexes();

            play.check.everything();

            play.steps(20);
            play.history.killAndReopen();
            play.check.everything();
            play.check.quarantinedOnly();
            return play;
        });
    }

    @Test
    @Tag("simulation")
    void aDamagedCheckpointCostsTimeButNoRecord() {
        eachSeed(seed -> {
            var play = new Play(seed, Durability.FSYNC, smallSegments(seed));
            play.steps(60);
            play.history.closeAndReopen();
            play.history.damageCheckpoint();

            play.history.killAndReopen();

            play.check.everything();
            play.check.quarantinedOnly();
            return play;
        });
    }

    @Test
    @Tag("simulation")
    void truncationKeepsWhatIsBeforeItThroughEveryCrash() {
        eachSeed(seed -> {
            var play = new Play(seed, Durability.FSYNC, smallSegments(seed));
            for (int round = 0; round < 3; round++) {
                play.steps(25);
                play.truncate();
                play.check.everything();
                play.steps(5);
                play.history.losePowerAndReopen(play.history.model.flushed);
                play.check.everything();
                play.forgetQuarantined();
            }
            return play;
        });
    }

    @Test
    @Tag("simulation")
    void aTruncationThatACrashCutsShortLosesNothingBeforeIt() {
        eachSeed(LogSimulationTest::truncationCutShort);
    }

    @Test
    void aTruncationThatACrashCutsShortForgetsNoAbortedTransactionOfWhatIsLeft() {
        for (long seed : new long[] {255_513_857, 255_514_434, 255_514_743, 255_516_223}) {
            assertThat(truncationCutShort(seed).history.log().logEndOffset()).isPositive();
        }
    }

    private static Play truncationCutShort(long seed) {
        var play = new Play(seed, Durability.FSYNC, smallSegments(seed));
        play.steps(40);
        play.history.flushAll();
        long safe = play.crashDuringTruncation();

        play.history.losePowerAndReopen(safe);

        play.check.everything();
        play.check.quarantinedOnly();
        return play;
    }
}
