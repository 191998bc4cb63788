package io.millrace.bench.micro;

import io.millrace.bench.io.store.BenchBatches;
import io.millrace.storage.batch.Codec;
import java.nio.ByteBuffer;

/**
 * What a batch is made of, as a benchmark's parameter spells it: {@code 160x100} are 160 records of
 * 100 bytes.
 */
record Shape(int records, int valueBytes) {
    static Shape of(String parameter) {
        int cross = parameter.indexOf('x');
        return new Shape(
                Integer.parseInt(parameter, 0, cross, 10),
                Integer.parseInt(parameter, cross + 1, parameter.length(), 10));
    }

    ByteBuffer batch(String codec) {
        for (Codec known : Codec.values()) {
            if (known.kafkaName().equals(codec)) {
                return BenchBatches.of(records, valueBytes, known);
            }
        }
        throw new IllegalArgumentException("no codec is called " + codec);
    }
}
