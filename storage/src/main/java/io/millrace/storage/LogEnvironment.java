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
        LogEvents events) {}
