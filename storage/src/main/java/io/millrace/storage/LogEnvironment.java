package io.millrace.storage;

import io.millrace.storage.disk.Disk;
import io.millrace.storage.disk.DiskReserve;
import io.millrace.storage.flush.FlushQueue;

/**
 * What the logs of a broker share. Thread-safe.
 *
 * @param producerExpirationMs a producer silent for so long is forgotten
 */
public record LogEnvironment(
        Disk disk,
        FlushQueue flushes,
        Durability durability,
        long producerExpirationMs,
        DiskReserve reserve,
        LogEvents events) {
    /** The same, for a log that is stored otherwise than the rest. */
    public LogEnvironment withDurability(Durability other) {
        return new LogEnvironment(disk, flushes, other, producerExpirationMs, reserve, events);
    }
}
