package io.millrace.storage;

import java.nio.file.Path;

/** The offset asked for is not in the log: too old, or not written yet. */
public final class OffsetOutOfRangeException extends StorageException {
    private static final long serialVersionUID = 1L;

    private final long logStartOffset;
    private final long logEndOffset;

    public OffsetOutOfRangeException(Path log, long offset, long startOffset, long endOffset) {
        super(
                log,
                "offset %d is outside of %d to %d".formatted(offset, startOffset, endOffset),
                null);
        this.logStartOffset = startOffset;
        this.logEndOffset = endOffset;
    }

    /** The first offset that was in the log. */
    public long logStartOffset() {
        return logStartOffset;
    }

    /** The offset after the last that was in the log. */
    public long logEndOffset() {
        return logEndOffset;
    }
}
