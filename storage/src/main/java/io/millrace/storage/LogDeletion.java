package io.millrace.storage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.UUID;

/** Deletes the folder of a log. Called by the log's owner; the files go on a flush thread. */
final class LogDeletion {
    private final LogEnvironment env;

    LogDeletion(LogEnvironment env) {
        this.env = env;
    }

    /** Renames the folder, at once, and has its files deleted. */
    void delete(Path folder) throws IOException {
        Path gone = folder.resolveSibling(UUID.randomUUID() + PartitionLog.DELETE_SUFFIX);
        if (!env.disk().list(folder).isEmpty()) {
            env.disk().rename(folder, gone);
            env.flushes().submit(() -> deleteFiles(gone));
        }
    }

    private void deleteFiles(Path gone) {
        try {
            env.disk().syncFolder(Objects.requireNonNull(gone.getParent()));
            env.disk().delete(gone);
        } catch (IOException e) {
            env.events().noticed(gone, "could not be deleted; the next start will: " + e);
        }
    }
}
