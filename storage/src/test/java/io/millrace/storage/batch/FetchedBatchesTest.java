package io.millrace.storage.batch;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.storage.batch.FetchedBatches.Step;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a follower takes for a batch of its leader's. */
class FetchedBatchesTest {
    private static ByteBuffer batch(long offset, int records) {
        var builder = new BatchBuilder(offset, Codec.NONE, Codec.DEFAULT_LEVEL).leaderEpoch(3);
        for (int i = 0; i < records; i++) {
            builder.add(1000, null, new byte[] {1});
        }
        return builder.build();
    }

    private static ByteBuffer withInt(int at, int value) {
        ByteBuffer batch = batch(0, 2).putInt(at, value);
        RecordBatchEditor.writeCrc(batch, 0);
        return batch;
    }

    private static Step first(ByteBuffer bytes) {
        return new FetchedBatches(bytes, 0, 0, -1).next();
    }

    @Test
    void countsThatCannotBeAreRefused() {
        assertThat(first(withInt(RecordBatchView.RECORD_COUNT_AT, 3))).isEqualTo(Step.CORRUPT);
        assertThat(first(withInt(RecordBatchView.RECORD_COUNT_AT, -1))).isEqualTo(Step.CORRUPT);
        assertThat(first(withInt(RecordBatchView.LAST_OFFSET_DELTA_AT, -1)))
                .isEqualTo(Step.CORRUPT);
    }

    @Test
    void whatCompactionLeftOfABatchIsTaken() {
        assertThat(first(withInt(RecordBatchView.RECORD_COUNT_AT, 0))).isEqualTo(Step.BATCH);
        assertThat(first(withInt(RecordBatchView.LAST_OFFSET_DELTA_AT, Integer.MAX_VALUE)))
                .isEqualTo(Step.BATCH);
    }

    @Test
    void attributesThatNobodyWritesAreRefused() {
        ByteBuffer unknownCodec = batch(0, 1).putShort(RecordBatchView.ATTRIBUTES_AT, (short) 7);
        ByteBuffer compressedMarker =
                batch(0, 1).putShort(RecordBatchView.ATTRIBUTES_AT, (short) 0x34);
        RecordBatchEditor.writeCrc(unknownCodec, 0);
        RecordBatchEditor.writeCrc(compressedMarker, 0);

        assertThat(first(unknownCodec)).isEqualTo(Step.CORRUPT);
        assertThat(first(compressedMarker)).isEqualTo(Step.CORRUPT);
    }

    @Test
    void aLengthThatReachesPastTheBytesIsABatchInPart() {
        assertThat(first(batch(0, 1).putInt(RecordBatchView.LENGTH_AT, Integer.MAX_VALUE)))
                .isEqualTo(Step.END);
        assertThat(first(ByteBuffer.allocate(0))).isEqualTo(Step.END);
    }

    @Test
    void anOffsetOrEpochPastThatOfTheBatchBehindItIsNoneThatALeaderGave() {
        ByteBuffer gap = together(batch(9, 2), batch(11, 1));
        ByteBuffer jump = together(batch(9, 2), batch(2, 1));
        ByteBuffer epoch = together(batch(0, 2), batch(2, 1)).putInt(RecordBatchView.EPOCH_AT, 67);

        assertThat(first(gap)).isEqualTo(Step.BATCH);
        assertThat(first(jump)).isEqualTo(Step.CORRUPT);
        assertThat(first(epoch)).isEqualTo(Step.CORRUPT);
    }

    private static ByteBuffer together(ByteBuffer one, ByteBuffer other) {
        return ByteBuffer.allocate(one.remaining() + other.remaining()).put(one).put(other).flip();
    }

    @Test
    void noBytesWhateverMakeItFail() {
        var random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            ByteBuffer bytes = batch(0, 1 + random.nextInt(3));
            for (int flips = random.nextInt(4); flips >= 0; flips--) {
                int at = random.nextInt(bytes.limit());
                bytes.put(at, (byte) random.nextInt(256));
            }
            bytes.limit(random.nextInt(bytes.limit() + 1));
            var batches = new FetchedBatches(bytes, 0, 0, -1);

            while (batches.next() == Step.BATCH) {
                assertThat(batches.batch().sizeBytes()).isLessThanOrEqualTo(bytes.limit());
            }
        }
    }
}
