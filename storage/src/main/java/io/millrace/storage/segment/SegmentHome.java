package io.millrace.storage.segment;

import io.millrace.storage.disk.Disk;
import io.millrace.storage.disk.OpenFiles;
import io.millrace.storage.plan.Quarantine;
import java.nio.file.Path;

/**
 * What the segments of a log share.
 *
 * @param openFiles those of the log's owner
 * @param indexIntervalBytes bytes of the data file between two index entries, at least
 * @param summaryBytes bytes of it of which one summary of its producers speaks, at least
 */
public record SegmentHome(
        Disk disk,
        Path folder,
        Quarantine quarantine,
        OpenFiles openFiles,
        int indexIntervalBytes,
        int summaryBytes) {
    Path file(long baseOffset, String suffix) {
        return SegmentNames.file(folder, baseOffset, suffix);
    }
}
