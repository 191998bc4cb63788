package io.millrace.bench.io;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.bench.io.plan.SyncPolicy;
import io.millrace.bench.io.store.BenchBatches;
import io.millrace.storage.batch.RecordBatchView;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** In which order blocks are written, when they are synced, and what a log's block is. */
final class PatternTest {
    @Test
    void filesTakeTurnsAndEachIsWrittenInOrder() {
        var order = new BlockOrder(false, 3, 2, 1);

        List<String> steps =
                LongStream.range(0, 7)
                        .mapToObj(step -> order.file(step) + ":" + order.block(step))
                        .toList();

        assertThat(steps).containsExactly("0:0", "1:0", "2:0", "0:1", "1:1", "2:1", "0:0");
    }

    @Test
    void randomBlocksLieInTheFileAndAreTheSameInEveryRun() {
        var order = new BlockOrder(true, 1, 100, 7);
        var again = new BlockOrder(true, 1, 100, 7);

        List<Long> blocks = LongStream.range(0, 1000).mapToObj(order::block).toList();

        assertThat(blocks).allMatch(block -> block >= 0 && block < 100);
        assertThat(blocks.stream().distinct().count()).isGreaterThan(90);
        assertThat(LongStream.range(0, 1000).mapToObj(again::block))
                .containsExactlyElementsOf(blocks);
    }

    @Test
    void aSyncFollowsEachGroupOfWrites() {
        var timer = new SyncTimer(new SyncPolicy.Every(3), 0);

        assertThat(dueAt(timer, 1, 2, 3, 4, 5, 6)).containsExactly(3L, 6L);
    }

    @Test
    void aSyncFollowsTheFirstWriteAfterEachInterval() {
        var timer = new SyncTimer(new SyncPolicy.Interval(10), 0);

        assertThat(dueAt(timer, 9_999_999, 10_000_000, 15_000_000, 21_000_000))
                .containsExactly(10_000_000L, 21_000_000L);
    }

    @Test
    void noSyncFollowsWhereNoneIsWanted() {
        assertThat(dueAt(new SyncTimer(SyncPolicy.NEVER, 0), 1, Long.MAX_VALUE)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 4 << 10, 16 << 10, 64 << 10, 1 << 20})
    void aBatchFillsItsBlock(int blockBytes) {
        ByteBuffer batch = BenchBatches.ofSize(blockBytes);

        assertThat(batch.remaining()).isBetween(blockBytes * 9 / 10, blockBytes);
        assertThat(new RecordBatchView().wrap(batch, 0).isCrcValid()).isTrue();
    }

    private static List<Long> dueAt(SyncTimer timer, long... timesNs) {
        var due = new ArrayList<Long>();
        for (long timeNs : timesNs) {
            if (timer.isDue(timeNs)) {
                due.add(timeNs);
            }
        }
        return due;
    }
}
