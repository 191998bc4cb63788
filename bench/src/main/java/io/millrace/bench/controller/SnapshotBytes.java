package io.millrace.bench.controller;

import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.SnapshotRecords;
import io.millrace.cluster.quorum.SnapshotCodec;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/**
 * A snapshot as it would be on disk, in memory.
 *
 * @param size that of the bytes
 */
record SnapshotBytes(ByteArrayInputStream bytes, int size, long endOffset) {
    static SnapshotBytes of(ClusterImage image) throws IOException {
        var out = new ByteArrayOutputStream();
        SnapshotCodec.write(SnapshotRecords.of(image), image.endOffset(), out);
        return new SnapshotBytes(
                new ByteArrayInputStream(out.toByteArray()), out.size(), image.endOffset());
    }

    void readInto(MemoryQuorum quorum) {
        bytes.reset();
        quorum.restore(SnapshotCodec.read(bytes), endOffset);
    }
}
