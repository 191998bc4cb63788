package io.millrace.storage;

import io.millrace.storage.plan.LeaderEpochs;
import io.millrace.storage.plan.Quarantine;
import io.millrace.storage.producer.ProducerStates;
import io.millrace.storage.segment.Segment;
import io.millrace.storage.segment.SegmentHome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Map;
import java.util.TreeMap;

/** What a log holds in memory. Mutable; belongs to the log's owner; filled by recovery. */
final class LogState {
    final Path folder;
    final SegmentHome home;
    final TreeMap<Long, Segment> segments = new TreeMap<>();
    final ProducerStates producers = new ProducerStates();
    final LeaderEpochs epochs = new LeaderEpochs();
    final Quarantine quarantine;
    long logStartOffset;

    /** What is before it has been compacted. */
    long cleanedTo;

    /** Whether the folder is there, durably. */
    boolean folderMade;

    LogState(SegmentHome home) {
        this.folder = home.folder();
        this.home = home;
        this.quarantine = home.quarantine();
    }

    /** The segment that is written to. There is one as soon as there is any. */
    Segment active() {
        return segments.lastEntry().getValue();
    }

    long logEndOffset() {
        Map.Entry<Long, Segment> last = segments.lastEntry();
        return last == null
                ? logStartOffset
                : Math.max(last.getValue().nextOffset(), logStartOffset);
    }

    long sizeBytes() {
        long size = 0;
        for (Segment segment : segments.values()) {
            size += segment.sizeBytes();
        }
        return size;
    }

    void raiseLogStart(long offset) {
        logStartOffset = offset;
        epochs.trimTo(offset);
        quarantine.trimTo(offset, segments.keySet());
    }

    /** What is to be remembered of this moment. */
    Checkpoint checkpoint() throws IOException {
        var stored = new ArrayList<Checkpoint.StoredSegment>(segments.size());
        for (Segment segment : segments.values()) {
            if (segment.sizeBytes() > 0) {
                stored.add(
                        new Checkpoint.StoredSegment(
                                segment.baseOffset(),
                                segment.sizeBytes(),
                                segment.nextOffset(),
                                segment.firstTimestampMs(),
                                segment.maxTimestampMs()));
            }
        }
        return new Checkpoint(
                logStartOffset,
                logEndOffset(),
                cleanedTo,
                stored,
                epochs.starts(),
                quarantine.all(),
                producers.snapshot());
    }
}
