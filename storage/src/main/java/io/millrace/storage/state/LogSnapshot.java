package io.millrace.storage.state;

import io.millrace.storage.segment.SegmentTransactions;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/**
 * A checkpoint as bytes, and the index files that have to be in place before it.
 *
 * @param indexes those that have changed since they were last stored
 * @param onStored what there is to do once the checkpoint is stored
 */
public record LogSnapshot(ByteBuffer checkpoint, List<IndexFile> indexes, Runnable onStored) {
    /** An index of aborted transactions and the bytes of its file. */
    public record IndexFile(SegmentTransactions owner, Path path, ByteBuffer content) {}

    /** Says how storing it went. On the log's owner's thread. */
    public void settle(boolean stored) {
        for (IndexFile index : indexes) {
            index.owner().settle(stored);
        }
        if (stored) {
            onStored.run();
        }
    }
}
