package io.millrace.broker.loop;

/** Told once, on the partition's loop, that the high watermark rose or the partition is gone. */
@FunctionalInterface
public interface AppendWatcher {
    /** There may be more to read now; the watcher is no longer registered. */
    void advanced();
}
