package io.millrace.broker;

import io.millrace.storage.LogEvents;
import io.millrace.storage.plan.Quarantine;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Storage's events as log lines. Thread-safe. */
final class LoggedEvents implements LogEvents {
    private static final Logger LOG = LoggerFactory.getLogger("io.millrace.storage");

    @Override
    public void tailTruncated(Path segment, long position, long bytesCut) {
        LOG.warn(
                "{}: cut {} bytes of a batch that was never finished, at byte {}",
                segment,
                bytesCut,
                position);
    }

    @Override
    public void quarantined(Path log, Quarantine.Range range) {
        LOG.error(
                "{}: bytes {} to {} of segment {} are corrupt: offsets {} to {} are quarantined,"
                        + " the rest is served",
                log,
                range.position(),
                range.endPosition(),
                range.segmentBase(),
                range.firstOffset(),
                range.endOffset() - 1);
    }

    @Override
    public void noticed(Path path, String what) {
        LOG.warn("{}: {}", path, what);
    }
}
