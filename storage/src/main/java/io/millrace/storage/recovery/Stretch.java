package io.millrace.storage.recovery;

import io.millrace.storage.plan.Quarantine;
import io.millrace.storage.segment.BatchWalker;
import io.millrace.storage.segment.SegmentFile;

/**
 * The batches of a segment, as far as they are looked at.
 *
 * @param limit bytes of the data file
 * @param endOffset offsets of the segment end before this
 */
public record Stretch(SegmentFile file, long segmentBase, long limit, long endOffset) {
    /** Walks from a position on. */
    BatchWalker walk(long from, long leastOffset, Quarantine known) {
        return new BatchWalker(
                file, new BatchWalker.Range(segmentBase, from, limit, leastOffset), known);
    }
}
