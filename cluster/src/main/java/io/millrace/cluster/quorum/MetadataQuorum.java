package io.millrace.cluster.quorum;

import com.google.protobuf.ByteString;
import io.millrace.cluster.proto.MetadataRecord;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Orders metadata records and makes them durable on a majority. On the metadata thread only. */
public interface MetadataQuorum {
    /** Told of what is committed, in order, on the metadata thread. */
    interface Listener {
        /** Everything before {@code endOffset}, in one piece; comes first, if it comes. */
        void restored(ByteString snapshot, long endOffset);

        /** The next records. */
        void committed(List<MetadataRecord> records, long endOffset);
    }

    /** Tells the listener of everything committed so far. Blocks. */
    void start(Listener listener);

    /**
     * Proposes records, to be committed all or none. Done once they are, after the listener has
     * been told; fails if they never will be as far as this node can know.
     */
    CompletableFuture<Long> propose(List<MetadataRecord> records);

    /** Keeps a snapshot of everything before {@code endOffset} in place of the records. Blocks. */
    void snapshot(ByteString snapshot, long endOffset);

    /** Stops. Blocks until what was committed is stored cleanly. */
    void close();
}
