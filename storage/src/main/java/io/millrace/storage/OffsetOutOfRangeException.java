package io.millrace.storage;

import java.nio.file.Path;

/** The offset asked for is not in the log: too old, or not written yet. */
public final class OffsetOutOfRangeException extends StorageException {
    private static final long serialVersionUID = 1L;

    public OffsetOutOfRangeException(Path log, long offset, long startOffset, long endOffset) {
        super(
                log,
                "offset %d is outside of %d to %d".formatted(offset, startOffset, endOffset),
                null);
    }
}
