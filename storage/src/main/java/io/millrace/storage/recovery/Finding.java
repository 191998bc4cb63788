package io.millrace.storage.recovery;

import io.millrace.storage.plan.Quarantine;
import java.nio.file.Path;

/** What recovery found that an operator should know of. */
public sealed interface Finding {
    /** A torn tail was cut. */
    record TailCut(Path segment, long position, long bytesCut) implements Finding {}

    /** Stored bytes are bad; they stay, and are not served. */
    record Quarantined(Quarantine.Range range) implements Finding {}

    /** Something that recovery could go on without. */
    record Noticed(Path path, String what) implements Finding {}
}
