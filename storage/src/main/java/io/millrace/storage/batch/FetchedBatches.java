package io.millrace.storage.batch;

import java.nio.ByteBuffer;

/**
 * Steps over batches that a follower fetched from its leader, who has validated their records:
 * checked is what the follower's log depends on, which is their headers, their CRC, and that they
 * continue what is there. Mutable, for the fetch path; the view is valid until the next step.
 */
public final class FetchedBatches {
    private final ByteBuffer bytes;
    private final RecordBatchView view = new RecordBatchView();
    private int position;
    private int nextPosition;
    private long endOffset;
    private long leastOffset;
    private int latestEpoch;
    private String message = "";

    /** What a step came to. After any but BATCH there is none. */
    public enum Step {
        BATCH,
        /** Nothing is left, or the first part of a batch. */
        END,
        /** No batch of magic 2, not whole, or not as its CRC says. */
        CORRUPT,
        /** It begins before the end of the log. */
        OFFSET_BEFORE_END,
        /** It has an older leader epoch than what is before it. */
        EPOCH_BEFORE_LATEST
    }

    /**
     * Batches between the position and the limit of a buffer, which stays as it is.
     *
     * @param endOffset the log's end: every batch ends at or behind it
     * @param leastOffset no batch begins before it: the log's end, or less for the first batch of a
     *     log that starts in the middle of it
     * @param latestEpoch the log's newest leader epoch: no batch has an older one
     */
    public FetchedBatches(ByteBuffer source, long endOffset, long leastOffset, int latestEpoch) {
        this.bytes = source.duplicate();
        this.nextPosition = source.position();
        this.endOffset = endOffset;
        this.leastOffset = leastOffset;
        this.latestEpoch = latestEpoch;
    }

    /** Moves to the next batch. */
    public Step next() {
        position = nextPosition;
        int available = bytes.limit() - position;
        if (available < RecordBatchView.MAGIC_AT + 1) {
            return Step.END;
        }
        view.wrap(bytes, position);
        int length = view.batchLength();
        if (view.magic() != RecordBatchView.MAGIC) {
            return corrupt("has magic %d, not 2".formatted(view.magic()));
        }
        if (length < RecordBatchView.HEADER_BYTES - RecordBatchView.LENGTH_OVERHEAD_BYTES) {
            return corrupt("claims %d bytes".formatted(length));
        }
        if (length > available - RecordBatchView.LENGTH_OVERHEAD_BYTES) {
            return Step.END;
        }
        Step step = check();
        if (step == Step.BATCH) {
            endOffset = view.lastOffset() + 1;
            leastOffset = endOffset;
            latestEpoch = view.partitionLeaderEpoch();
            nextPosition = position + view.sizeBytes();
        }
        return step;
    }

    private Step check() {
        if (!view.isCrcValid()) {
            return corrupt(
                    "has the CRC %08x, its bytes give %08x"
                            .formatted(view.crc(), view.computedCrc()));
        }
        int delta = view.lastOffsetDelta();
        if (delta < 0 || view.baseOffset() < 0 || view.baseOffset() > Long.MAX_VALUE - delta - 1) {
            return corrupt("ends %d after its first offset".formatted(delta));
        }
        if (view.recordCount() < 0 || view.recordCount() - 1 > delta) {
            return corrupt(
                    "claims %d records, its last offset delta is %d"
                            .formatted(view.recordCount(), delta));
        }
        if (Codec.ofId(view.codecId()) == null || view.isControl() && view.codecId() != 0) {
            return corrupt("has the attributes %04x".formatted(view.attributes()));
        }
        if (view.baseOffset() < leastOffset || view.lastOffset() < endOffset) {
            message =
                    "a batch of the offsets %d to %d follows a log that ends at %d"
                            .formatted(view.baseOffset(), view.lastOffset(), endOffset);
            return Step.OFFSET_BEFORE_END;
        }
        boolean jumps =
                view.baseOffset() > leastOffset || view.partitionLeaderEpoch() > latestEpoch;
        if (jumps && isContradicted()) {
            return corrupt("has an offset or a leader epoch past that of the batch behind it");
        }
        if (view.partitionLeaderEpoch() < latestEpoch) {
            message =
                    "the batch at %d has the leader epoch %d, what is before it has %d"
                            .formatted(view.baseOffset(), view.partitionLeaderEpoch(), latestEpoch);
            return Step.EPOCH_BEFORE_LATEST;
        }
        return Step.BATCH;
    }

    /** Whether the next batch is from before this one, whose offset and epoch no CRC covers. */
    private boolean isContradicted() {
        int next = position + view.sizeBytes();
        if (bytes.limit() - next < RecordBatchView.HEADER_BYTES) {
            return false;
        }
        long offset = view.lastOffset();
        int epoch = view.partitionLeaderEpoch();
        boolean contradicted =
                view.wrap(bytes, next).magic() == RecordBatchView.MAGIC
                        && (view.baseOffset() <= offset || view.partitionLeaderEpoch() < epoch);
        view.wrap(bytes, position);
        return contradicted;
    }

    private Step corrupt(String what) {
        message = "the batch at %d, %d bytes in, %s".formatted(view.baseOffset(), position, what);
        return Step.CORRUPT;
    }

    /** The current batch. */
    public RecordBatchView batch() {
        return view;
    }

    /** The bytes that it is part of; their position and limit mean nothing. */
    public ByteBuffer bytes() {
        return bytes;
    }

    /** What is wrong, after a step that says so. */
    public String message() {
        return message;
    }
}
