package io.millrace.bench.io.store;

import io.millrace.storage.batch.BatchBuilder;
import io.millrace.storage.batch.Codec;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;

/** Batches as producers send them, in direct buffers as the broker receives them. */
public final class BenchBatches {
    private static final int SEED = 42;
    private static final int LETTERS = 16;

    private BenchBatches() {}

    /** So many records with values of so many bytes: letters, so that codecs have work to do. */
    public static ByteBuffer of(int records, int valueBytes, Codec codec) {
        var random = new SplittableRandom(SEED);
        var builder = new BatchBuilder(0, codec, Codec.DEFAULT_LEVEL);
        long nowMs = System.currentTimeMillis();
        byte[] value = new byte[valueBytes];
        for (int record = 0; record < records; record++) {
            for (int at = 0; at < valueBytes; at++) {
                value[at] = (byte) ('a' + random.nextInt(LETTERS));
            }
            builder.add(nowMs, null, value);
        }
        return direct(builder.build());
    }

    /** A batch of exactly so many bytes, in records of about 1 KiB where there is room. */
    public static ByteBuffer ofSize(int batchBytes) {
        int records = Math.max(1, batchBytes / 1024);
        int valueBytes = Math.max(1, batchBytes / records - 70);
        ByteBuffer smaller = of(records, valueBytes, Codec.NONE);
        while (smaller.remaining() + records <= batchBytes) {
            valueBytes += Math.max(1, (batchBytes - smaller.remaining()) / records / 2);
            smaller = of(records, valueBytes, Codec.NONE);
        }
        return smaller;
    }

    private static ByteBuffer direct(ByteBuffer batch) {
        return ByteBuffer.allocateDirect(batch.remaining()).put(batch).flip();
    }
}
