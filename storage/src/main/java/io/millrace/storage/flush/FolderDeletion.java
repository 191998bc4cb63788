package io.millrace.storage.flush;

import io.millrace.storage.disk.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.UUID;
import java.util.function.BiConsumer;

/**
 * Deletes folders: renamed at once by the caller's thread, their files on a flush thread.
 *
 * @param noticed told of a folder that could not be deleted, and why; on a flush thread
 */
public record FolderDeletion(Disk disk, FlushQueue flushes, BiConsumer<Path, String> noticed) {
    /** How a folder that is being deleted ends; a start deletes what is left of such. */
    public static final String SUFFIX = "-delete";

    /** Renames the folder and has its files deleted; nothing happens if it is not there. */
    public void delete(Path folder) throws IOException {
        Path gone = folder.resolveSibling(UUID.randomUUID() + SUFFIX);
        if (!disk.list(folder).isEmpty()) {
            disk.rename(folder, gone);
            flushes.submit(() -> deleteFiles(gone));
        }
    }

    private void deleteFiles(Path gone) {
        try {
            disk.syncFolder(Objects.requireNonNull(gone.getParent()));
            disk.delete(gone);
        } catch (IOException e) {
            noticed.accept(gone, "could not be deleted; the next start will: " + e);
        }
    }
}
