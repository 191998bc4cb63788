package io.millrace.bench.io.store;

import io.millrace.storage.LogEvents;
import io.millrace.storage.plan.Quarantine;
import java.nio.file.Path;

/** Stops a measurement in which a log has met what should not be. Thread-safe. */
public final class NoSurprises implements LogEvents {
    @Override
    public void tailTruncated(Path segment, long position, long bytesCut) {
        throw new IllegalStateException("%s was cut at %d".formatted(segment, position));
    }

    @Override
    public void quarantined(Path log, Quarantine.Range range) {
        throw new IllegalStateException("%s has a bad range: %s".formatted(log, range));
    }

    @Override
    public void noticed(Path path, String what) {
        throw new IllegalStateException("%s: %s".formatted(path, what));
    }
}
