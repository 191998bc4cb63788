package io.millrace.bench.controller;

import io.millrace.cluster.proto.MetadataRecord;
import io.millrace.cluster.quorum.MetadataQuorum;
import io.millrace.cluster.quorum.QuorumDescription;
import io.millrace.cluster.quorum.Standing;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A quorum of one that encodes what is proposed, keeps nothing, and commits it at once. */
final class MemoryQuorum implements MetadataQuorum {
    private static final OptionalInt SELF = OptionalInt.of(0);

    private @Nullable Listener listener;
    private long endOffset;
    private long recordCount;
    private long byteCount;
    private long largestBytes;

    @Override
    public void start(Listener told) {
        listener = told;
    }

    Listener listener() {
        return Objects.requireNonNull(listener);
    }

    /** Takes a snapshot for all there is. */
    void restore(Iterator<MetadataRecord> records, long end) {
        endOffset = end;
        listener().restored(records, end);
    }

    /** Commits what another node has decided. */
    void commit(List<MetadataRecord> records) {
        endOffset += records.size();
        listener().committed(records, endOffset);
    }

    /** How many records were proposed since the last time that this was called. */
    long takeRecordCount() {
        long taken = recordCount;
        recordCount = 0;
        return taken;
    }

    /** How many bytes were proposed since the last time that this was called. */
    long takeByteCount() {
        long taken = byteCount;
        byteCount = 0;
        return taken;
    }

    /** The most bytes that were proposed in one piece since the last time. */
    long takeLargestBytes() {
        long taken = largestBytes;
        largestBytes = 0;
        return taken;
    }

    @Override
    public CompletableFuture<Long> propose(List<MetadataRecord> records) {
        long bytes = 0;
        for (MetadataRecord record : records) {
            bytes += record.toByteArray().length;
        }
        byteCount += bytes;
        largestBytes = Math.max(largestBytes, bytes);
        recordCount += records.size();
        commit(records);
        return CompletableFuture.completedFuture(endOffset);
    }

    @Override
    public void snapshot(Iterator<MetadataRecord> records, long end) {}

    @Override
    public Standing standing() {
        return new Standing(true, 1, true, endOffset);
    }

    @Override
    public OptionalInt leader() {
        return SELF;
    }

    @Override
    public CompletableFuture<QuorumDescription> describe() {
        return CompletableFuture.completedFuture(
                new QuorumDescription(SELF, 1, OptionalLong.of(endOffset), List.of(), List.of()));
    }

    @Override
    public void close() {}
}
