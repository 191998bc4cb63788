package io.millrace.storage.batch;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.storage.batch.Verdict.Invalid;
import io.millrace.storage.batch.Verdict.Reason;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Bytes that lie end in a verdict, never in an exception, a loop or a stack of memory. */
final class HostileBatchTest {
    private static final BatchRules RULES =
            new BatchRules(
                    10 << 20, Integer.MAX_VALUE, false, false, Long.MAX_VALUE, Long.MAX_VALUE);

    private final BatchValidator validator = new BatchValidator();

    private static ByteBuffer batch(Codec codec, int records) {
        var builder = new BatchBuilder(0, codec, Codec.DEFAULT_LEVEL);
        for (int i = 0; i < records; i++) {
            builder.add(1000 + i, ("key" + i).getBytes(StandardCharsets.UTF_8), new byte[i * 3]);
        }
        return builder.build();
    }

    @ParameterizedTest
    @EnumSource(Codec.class)
    void mutatedBatchesAreJudgedNotFailedOn(Codec codec) {
        var random = new Random(codec.id());
        ByteBuffer good = batch(codec, 20);
        for (int round = 0; round < 4000; round++) {
            ByteBuffer bytes = ByteBuffer.allocate(good.limit()).put(good.duplicate()).flip();
            for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
                bytes.put(random.nextInt(bytes.limit()), (byte) random.nextInt());
            }
            if (random.nextInt(3) == 0) {
                bytes.limit(random.nextInt(bytes.limit() + 1));
            } else if (bytes.getInt(8) == good.getInt(8)) {
                RecordBatchEditor.writeCrc(bytes, 0);
            }
            assertThat(validator.validate(bytes, RULES, 0)).isNotNull();
        }
    }

    @Test
    void aWrongChecksumIsCorrupt() {
        ByteBuffer bytes = batch(Codec.NONE, 3);
        bytes.put(bytes.limit() - 1, (byte) 99);

        assertThat(reason(bytes)).isEqualTo(Reason.CORRUPT);
    }

    @Test
    void anOldMagicIsRefused() {
        ByteBuffer bytes = batch(Codec.NONE, 3);
        bytes.put(16, (byte) 1);

        assertThat(reason(bytes)).isEqualTo(Reason.INVALID_RECORD);
    }

    @Test
    void aRecordCountThatLiesIsRefused() {
        for (int count : new int[] {0, -1, 2, 4, Integer.MAX_VALUE}) {
            ByteBuffer bytes = batch(Codec.NONE, 3);
            bytes.putInt(57, count);
            bytes.putInt(23, count - 1);
            RecordBatchEditor.writeCrc(bytes, 0);

            assertThat(reason(bytes)).as("count %d", count).isEqualTo(Reason.INVALID_RECORD);
        }
    }

    @Test
    void twoBatchesInOneRequestAreRefused() {
        ByteBuffer one = batch(Codec.NONE, 1);
        ByteBuffer two = ByteBuffer.allocate(2 * one.limit()).put(one.duplicate()).put(one).flip();

        assertThat(reason(two)).isEqualTo(Reason.INVALID_RECORD);
    }

    @Test
    void aCompactedTopicWantsKeys() {
        var rules =
                new BatchRules(
                        1000, Integer.MAX_VALUE, true, false, Long.MAX_VALUE, Long.MAX_VALUE);
        ByteBuffer bytes = new BatchBuilder().add(1, null, new byte[1]).build();

        var verdict = (Invalid) validator.validate(bytes, rules, 0);

        assertThat(verdict.reason()).isEqualTo(Reason.INVALID_RECORD);
        assertThat(verdict.records()).extracting(Verdict.RecordError::index).containsExactly(0);
    }

    @Test
    void aTimeTooFarAheadIsRefused() {
        var rules = new BatchRules(1000, Integer.MAX_VALUE, false, false, Long.MAX_VALUE, 60_000);
        ByteBuffer bytes = new BatchBuilder().add(1_000_000, null, new byte[1]).build();

        assertThat(((Invalid) validator.validate(bytes, rules, 900_000)).reason())
                .isEqualTo(Reason.INVALID_TIMESTAMP);
        assertThat(validator.validate(bytes, rules, 950_000)).isInstanceOf(Verdict.Valid.class);
    }

    @ParameterizedTest
    @EnumSource(names = {"GZIP", "LZ4", "ZSTD", "SNAPPY"})
    void aDecompressionBombEndsInARefusal(Codec codec) {
        byte[] zeros = new byte[1 << 20];
        int records = 100;
        var builder = new BatchBuilder(0, codec, Codec.DEFAULT_LEVEL);
        for (int i = 0; i < records; i++) {
            builder.add(1, null, zeros);
        }
        ByteBuffer bytes = builder.build();

        var verdict =
                validator.validate(
                        bytes,
                        new BatchRules(1 << 30, Integer.MAX_VALUE, false, false, Long.MAX_VALUE, 1),
                        0);

        long inflated = (long) records * zeros.length;
        boolean bomb = inflated > RecordCursor.decompressedLimit(bytes.limit());
        assertThat(verdict instanceof Invalid).isEqualTo(bomb);
        assertThat(bomb).isEqualTo(codec != Codec.SNAPPY);
    }

    @Test
    void aRecordThatDecompressesToMoreThanTheTopicTakesIsRefused() {
        var rules = new BatchRules(10_000, 500, false, false, Long.MAX_VALUE, Long.MAX_VALUE);

        for (Codec codec : List.of(Codec.GZIP, Codec.SNAPPY, Codec.LZ4, Codec.ZSTD)) {
            assertThat(validator.validate(oneRecord(codec, 450), rules, 0))
                    .isInstanceOf(Verdict.Valid.class);
            assertThat(((Invalid) validator.validate(oneRecord(codec, 501), rules, 0)).reason())
                    .isEqualTo(Reason.INVALID_RECORD);
        }
        assertThat(validator.validate(oneRecord(Codec.NONE, 501), rules, 0))
                .as("nothing is decompressed")
                .isInstanceOf(Verdict.Valid.class);
    }

    @Test
    void aHigherLevelOfLz4CompressesMore() {
        byte[] value = new byte[50_000];
        var random = new Random(7);
        for (int i = 0; i < value.length; i++) {
            value[i] = (byte) (random.nextInt(4) * random.nextInt(3));
        }
        int fast = new BatchBuilder(0, Codec.LZ4, 9).add(1, null, value).build().remaining();
        int high = new BatchBuilder(0, Codec.LZ4, 17).add(1, null, value).build().remaining();

        assertThat(high).isLessThan(fast);
        assertThat(
                        validator.validate(
                                new BatchBuilder(0, Codec.LZ4, 17).add(1, null, value).build(),
                                RULES,
                                0))
                .isInstanceOf(Verdict.Valid.class);
    }

    private static ByteBuffer oneRecord(Codec codec, int valueBytes) {
        return new BatchBuilder(0, codec, Codec.DEFAULT_LEVEL)
                .add(1, null, new byte[valueBytes])
                .build();
    }

    private Reason reason(ByteBuffer bytes) {
        return ((Invalid) validator.validate(bytes, RULES, 0)).reason();
    }
}
