package io.millrace.storage;

import io.millrace.storage.plan.LeaderEpochs;
import io.millrace.storage.plan.Quarantine;
import io.millrace.storage.producer.ProducerStates;
import io.millrace.storage.segment.Segment;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** What a log holds in memory. Mutable; belongs to the log's owner; filled by recovery. */
final class LogState {
    final Path folder;
    final TreeMap<Long, Segment> segments = new TreeMap<>();
    final ProducerStates producers = new ProducerStates();
    final LeaderEpochs epochs = new LeaderEpochs();
    final Quarantine quarantine = new Quarantine();
    long logStartOffset;
    long recoveryOffset;

    /** What is before it has been compacted. */
    long cleanedTo;

    LogState(Path folder) {
        this.folder = folder;
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

    Checkpoint checkpoint(boolean clean) {
        return new Checkpoint(
                logStartOffset,
                recoveryOffset,
                logEndOffset(),
                clean,
                cleanedTo,
                segments.isEmpty() ? 0 : active().sizeBytes(),
                epochs.starts(),
                quarantine.all(),
                producers.snapshot());
    }
}
