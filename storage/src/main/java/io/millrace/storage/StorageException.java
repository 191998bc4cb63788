package io.millrace.storage;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Storage could not do what was asked: the environment's failure, not the caller's. */
public class StorageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public StorageException(Path path, String what, @Nullable Throwable cause) {
        super("%s: %s%s".formatted(path, what, cause == null ? "" : ": " + cause), cause);
    }
}
