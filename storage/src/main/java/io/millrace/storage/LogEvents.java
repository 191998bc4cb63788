package io.millrace.storage;

import io.millrace.storage.plan.Quarantine;
import java.nio.file.Path;

/** Told what an operator should know of. Called on the thread that noticed; must not block. */
public interface LogEvents {
    /** A torn tail was cut: bytes that were never acknowledged as flushed. */
    void tailTruncated(Path segment, long position, long bytesCut);

    /** Stored bytes are bad; they stay, and are not served. */
    void quarantined(Path log, Quarantine.Range range);

    /** Something was found that storage could go on without, such as a bad checkpoint. */
    void noticed(Path path, String what);
}
