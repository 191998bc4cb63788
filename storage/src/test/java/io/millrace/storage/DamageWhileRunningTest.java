package io.millrace.storage;

import static io.millrace.storage.FlippedBits.LENGTH_AT;
import static io.millrace.storage.FlippedBits.LOWEST_OFFSET_BYTE;
import static io.millrace.storage.FlippedBits.MAGIC_AT;
import static io.millrace.storage.TestLogs.append;
import static io.millrace.storage.TestLogs.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bits that change while a log is in use, and that something else than a read meets first. */
final class DamageWhileRunningTest {
    private static final String FIRST = "00000000000000000000.log";
    private static final int BATCHES = 100;
    private static final long BAD = 50;
    private static final int BATCH_BYTES = 128;

    private final TestLogs logs = new TestLogs();
    @TempDir Path home = Path.of("unset");

    @AfterEach
    void stop() {
        logs.close();
    }

    private Path folder() {
        return home.resolve("t-0");
    }

    /** With an index that has no entries, so that everything is walked from the beginning. */
    private PartitionLog open(int segmentBytes, LogConfig.Retention retention) {
        LogConfig config = LogConfig.defaults().withRetention(retention);
        return logs.open(
                folder(),
                config.withSegment(
                        new LogConfig.Segments(segmentBytes, Long.MAX_VALUE, 0, 1 << 20, 1 << 20)));
    }

    private PartitionLog filled() {
        PartitionLog log = open(1 << 20, LogConfig.defaults().retention());
        for (int i = 0; i < BATCHES; i++) {
            append(log, 100 + i, "k=v" + i);
        }
        return log;
    }

    private void flip(int at, int bit) throws IOException {
        FlippedBits.flip(folder().resolve(FIRST), BAD, at, bit);
    }

    private static List<String> lines(long from, long to) {
        return LongStream.range(from, to).mapToObj(i -> "%d:k=v%d".formatted(i, i)).toList();
    }

    private void onlyTheBadOneIsMissed(PartitionLog log, long end) {
        assertThat(logs.events).containsExactly("quarantined %d-%d".formatted(BAD, BAD + 1));
        assertThatThrownBy(() -> log.read(BAD, end, 1000, true))
                .isInstanceOf(CorruptRangeException.class);
        assertThat(read(log, BAD + 1)).isEqualTo(lines(BAD + 1, end));
        LogSlice before = log.read(0, end, 1 << 20, true);
        assertThat(before.sizeBytes()).isEqualTo(log.quarantined().getFirst().position());
        before.release();
    }

    @ParameterizedTest
    @CsvSource({
        LOWEST_OFFSET_BYTE + ",6",
        LOWEST_OFFSET_BYTE + ",4",
        LENGTH_AT + 3 + ",5",
        LENGTH_AT + ",7",
        MAGIC_AT + ",0"
    })
    void aCutBehindABadHeaderCutsWhatIsBehindTheCutAndNothingElse(int at, int bit)
            throws IOException {
        PartitionLog log = filled();
        flip(at, bit);

        assertThat(log.truncateTo(90)).isEqualTo(90);

        onlyTheBadOneIsMissed(log, 90);
        append(log, 1000, "k=again");
        assertThat(read(log, 89)).containsExactly("89:k=v89", "90:k=again");
        logs.events.clear();
        PartitionLog again = open(1 << 20, LogConfig.defaults().retention());
        assertThat(again.logEndOffset()).isEqualTo(91);
        assertThat(read(again, 89)).containsExactly("89:k=v89", "90:k=again");
    }

    /** What was written is known, and a consumer would go by what the header says now. */
    @ParameterizedTest
    @CsvSource({"4,3", "6,0", "7,5", "8,7", "11,1", "12,2", "15,0", "16,0"})
    void theReadThatMeetsAHeaderThatHasChangedSinceItWasWrittenIsNotGivenIt(int at, int bit)
            throws IOException {
        PartitionLog log = filled();
        flip(at, bit);

        LogSlice before = log.read(BAD - 10, BATCHES, 1 << 20, true);

        assertThat(before.sizeBytes())
                .isEqualTo(10 * FlippedBits.positionOf(folder().resolve(FIRST), 1) + 10);
        before.release();
        onlyTheBadOneIsMissed(log, BATCHES);
    }

    /**
     * Its length has grown by just what the next one has, in the midst of a segment or at its end.
     */
    @ParameterizedTest
    @ValueSource(longs = {1, 3})
    void aBatchThatSeemsToHoldTheNextOneDoesNotHideIt(long bad) throws IOException {
        PartitionLog log = open(5 * BATCH_BYTES, LogConfig.defaults().retention());
        for (int i = 0; i < 10; i++) {
            append(log, 100, "k=" + "v".repeat(BATCH_BYTES - 70));
        }
        Path segment = folder().resolve(FIRST);
        assertThat(segment).hasSize(5 * BATCH_BYTES);
        log.close(1000);
        PartitionLog again = open(5 * BATCH_BYTES, LogConfig.defaults().retention());
        FlippedBits.flip(segment, bad, LENGTH_AT + 3, 7);

        LogSlice slice = again.read(bad + 1, 10, 1, true);

        assertThat(slice.read().getLong(0)).isEqualTo(bad + 1);
        slice.release();
        assertThat(logs.events).containsExactly("quarantined %d-%d".formatted(bad, bad + 1));
    }

    @Test
    void theReadThatBeginsWithOneIsRefused() throws IOException {
        PartitionLog log = filled();
        flip(LOWEST_OFFSET_BYTE, 2);

        assertThatThrownBy(() -> log.read(BAD, BATCHES, 1000, true))
                .isInstanceOf(CorruptRangeException.class);
        onlyTheBadOneIsMissed(log, BATCHES);
    }

    @Test
    void aReadUpToAnEndBehindABadHeaderStopsBeforeIt() throws IOException {
        PartitionLog log = filled();
        log.close(1000);
        log = open(1 << 20, LogConfig.defaults().retention());
        flip(MAGIC_AT, 0);

        LogSlice slice = log.read(0, 90, 1 << 20, true);

        assertThat(logs.events).containsExactly("quarantined 50-51");
        assertThat(slice.sizeBytes()).isEqualTo(log.quarantined().getFirst().position());
        slice.release();
    }

    /** Times are read again once something is quarantined, and there is more that is bad. */
    @Test
    void aSegmentWhoseTimesCannotAllBeReadIsNotDeletedBeforeItsTime() throws IOException {
        var retention =
                new LogConfig.Retention(
                        true, false, 1000, -1, LogConfig.defaults().retention().compaction());
        PartitionLog log = open(4000, retention);
        for (int i = 0; i < BATCHES; i++) {
            append(log, 100L * i, "k=v" + i);
        }
        Path segment = folder().resolve(FIRST);
        FlippedBits.flip(segment, 8, MAGIC_AT, 0);
        FlippedBits.flip(segment, 3, MAGIC_AT, 0);
        assertThatThrownBy(() -> log.read(3, BATCHES, 1000, true))
                .isInstanceOf(CorruptRangeException.class);

        log.retain(2500, BATCHES);

        assertThat(log.logStartOffset()).isZero();
        assertThat(logs.events).containsExactly("quarantined 3-4", "quarantined 8-9");
        assertThat(log.offsetForTimestamp(900, BATCHES).orElseThrow().offset()).isEqualTo(9);
    }
}
