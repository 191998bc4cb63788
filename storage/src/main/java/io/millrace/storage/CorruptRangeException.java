package io.millrace.storage;

import io.millrace.storage.plan.Quarantine;
import java.nio.file.Path;

/** Stored bytes fail their checksum. Retrying cannot help: the range is quarantined. */
public final class CorruptRangeException extends StorageException {
    private static final long serialVersionUID = 1L;

    private final long endOffset;

    public CorruptRangeException(Path log, long offset, Quarantine.Range range) {
        super(
                log,
                "offset %d lies in the quarantined range %d to %d (segment %020d, bytes %d to %d)"
                        .formatted(
                                offset,
                                range.firstOffset(),
                                range.endOffset() - 1,
                                range.segmentBase(),
                                range.position(),
                                range.endPosition()),
                null);
        this.endOffset = range.endOffset();
    }

    /** The offset after the last one that is quarantined with the one asked for. */
    public long endOffset() {
        return endOffset;
    }
}
