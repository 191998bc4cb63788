package io.millrace.bench.load;

import java.nio.ByteBuffer;
import java.util.Random;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/**
 * What one batch holds.
 *
 * @param recordBytes size of a record's value
 * @param records how many in the batch
 * @param codec none, gzip, snappy, lz4 or zstd
 */
public record Payload(int recordBytes, int records, String codec) {
    private static final int SEED = 42;
    private static final int LETTERS = 16;

    /** Values of so many bytes, so many a batch, not compressed. */
    public static Payload plain(int recordBytes, int records) {
        return new Payload(recordBytes, records, "none");
    }

    /** The batch, as of the given time. Values are letters, so that codecs have work to do. */
    ByteBuffer encode(long timestampMs) {
        var random = new Random(SEED);
        var all = new SimpleRecord[records];
        for (int i = 0; i < records; i++) {
            byte[] value = new byte[recordBytes];
            for (int at = 0; at < recordBytes; at++) {
                value[at] = (byte) ('a' + random.nextInt(LETTERS));
            }
            all[i] = new SimpleRecord(timestampMs, value);
        }
        Compression compression = Compression.of(CompressionType.forName(codec)).build();
        return MemoryRecords.withRecords(compression, all).buffer();
    }

    /** Bytes of values in one batch. */
    public long bytes() {
        return (long) recordBytes * records;
    }
}
