package io.millrace.storage.state;

import io.millrace.storage.plan.Quarantine;
import java.nio.file.Path;

/** Told of what is found bad in a log. On the log's owner's thread; must not block. */
public interface DamageListener {
    /** A range was taken out of service; the next checkpoint has to say so. */
    void quarantined(Quarantine.Range range);

    /** Something else that an operator should know of. */
    void noticed(Path path, String what);
}
