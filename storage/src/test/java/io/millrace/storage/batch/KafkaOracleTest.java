package io.millrace.storage.batch;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Kafka's own record classes must read what we write, and we what they write. */
final class KafkaOracleTest {
    private static final int SEEDS = 40;
    private static final BatchRules RULES =
            new BatchRules(
                    10 << 20, Integer.MAX_VALUE, false, false, Long.MAX_VALUE, Long.MAX_VALUE);

    @ParameterizedTest
    @EnumSource(Codec.class)
    void readsWhatKafkaWrites(Codec codec) {
        for (int seed = 0; seed < SEEDS; seed++) {
            List<SimpleRecord> sent = randomRecords(new Random(seed));
            ByteBuffer bytes = kafkaBatch(codec, sent);

            var verdict = new BatchValidator().validate(bytes, RULES, 0);

            assertThat(verdict).as("seed %d", seed).isInstanceOf(Verdict.Valid.class);
            assertThat(read(bytes)).as("seed %d", seed).isEqualTo(describe(sent));
        }
    }

    @ParameterizedTest
    @EnumSource(Codec.class)
    void kafkaReadsWhatIsBuiltHere(Codec codec) {
        for (int seed = 0; seed < SEEDS; seed++) {
            List<SimpleRecord> sent = randomRecords(new Random(seed));
            var builder = new BatchBuilder(0, codec, Codec.DEFAULT_LEVEL);
            for (SimpleRecord record : sent) {
                builder.add(
                        record.timestamp(),
                        bytes(record.key()),
                        bytes(record.value()),
                        headers(record));
            }

            var batch = MemoryRecords.readableRecords(builder.build()).batches().iterator().next();

            batch.ensureValid();
            assertThat((int) batch.compressionType().id).isEqualTo(codec.id());
            assertThat(describeAll(batch)).as("seed %d", seed).isEqualTo(describe(sent));
        }
    }

    @ParameterizedTest
    @EnumSource(Codec.class)
    void kafkaReadsWhatIsRecompressedHere(Codec target) {
        List<SimpleRecord> sent = randomRecords(new Random(7));
        var view = new RecordBatchView().wrap(kafkaBatch(Codec.GZIP, sent), 0);

        ByteBuffer bytes = BatchRecompressor.recompress(view, target, Codec.DEFAULT_LEVEL);

        var batch = MemoryRecords.readableRecords(bytes).batches().iterator().next();
        batch.ensureValid();
        assertThat((int) batch.compressionType().id).isEqualTo(target.id());
        assertThat(describeAll(batch)).isEqualTo(describe(sent));
    }

    private static ByteBuffer kafkaBatch(Codec codec, List<SimpleRecord> records) {
        return MemoryRecords.withRecords(
                        Compression.of(CompressionType.forId(codec.id())).build(),
                        records.toArray(SimpleRecord[]::new))
                .buffer();
    }

    private static List<SimpleRecord> randomRecords(Random random) {
        var records = new ArrayList<SimpleRecord>();
        int count = 1 + random.nextInt(50);
        for (int i = 0; i < count; i++) {
            var headers = new Header[random.nextInt(3)];
            for (int h = 0; h < headers.length; h++) {
                headers[h] = new RecordHeader("h" + h, randomBytes(random, 20));
            }
            records.add(
                    new SimpleRecord(
                            1_700_000_000_000L + random.nextInt(100_000),
                            randomBytes(random, 40),
                            randomBytes(random, random.nextInt(20) == 0 ? 5000 : 200),
                            headers));
        }
        return records;
    }

    private static byte @Nullable [] randomBytes(Random random, int most) {
        if (random.nextInt(6) == 0) {
            return null;
        }
        byte[] bytes = new byte[random.nextInt(most + 1)];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte @Nullable [] bytes(@Nullable ByteBuffer buffer) {
        if (buffer == null) {
            return null;
        }
        byte[] copy = new byte[buffer.remaining()];
        buffer.duplicate().get(copy);
        return copy;
    }

    private static BatchBuilder.Header[] headers(SimpleRecord record) {
        var headers = new BatchBuilder.Header[record.headers().length];
        for (int i = 0; i < headers.length; i++) {
            Header header = record.headers()[i];
            headers[i] =
                    new BatchBuilder.Header(
                            ByteBuffer.wrap(header.key().getBytes(StandardCharsets.UTF_8)),
                            header.value() == null ? null : ByteBuffer.wrap(header.value()));
        }
        return headers;
    }

    private static List<String> read(ByteBuffer bytes) {
        var lines = new ArrayList<String>();
        try (var cursor = new RecordCursor(new RecordBatchView().wrap(bytes, 0))) {
            for (RecordView record = cursor.next(); record != null; record = cursor.next()) {
                lines.add(
                        line(
                                cursor.offset(),
                                cursor.timestampMs(),
                                record.key(),
                                record.value(),
                                record.headerCount()));
            }
        }
        return lines;
    }

    private static List<String> describe(List<SimpleRecord> records) {
        var lines = new ArrayList<String>();
        for (SimpleRecord record : records) {
            lines.add(
                    line(
                            lines.size(),
                            record.timestamp(),
                            record.key(),
                            record.value(),
                            record.headers().length));
        }
        return lines;
    }

    private static List<String> describeAll(Iterable<Record> records) {
        var lines = new ArrayList<String>();
        for (Record record : records) {
            lines.add(
                    line(
                            record.offset(),
                            record.timestamp(),
                            record.key(),
                            record.value(),
                            record.headers().length));
        }
        return lines;
    }

    private static String line(
            long offset,
            long timestamp,
            @Nullable ByteBuffer key,
            @Nullable ByteBuffer value,
            int headers) {
        return "%d %d %s %s %d".formatted(offset, timestamp, hash(key), hash(value), headers);
    }

    private static String hash(@Nullable ByteBuffer bytes) {
        return bytes == null ? "null" : bytes.remaining() + ":" + bytes.duplicate().hashCode();
    }
}
