package io.millrace.storage.disk;

import java.io.IOException;

/** The system is short of something that may come back. Nothing is wrong with what is stored. */
public abstract sealed class ShortageException extends IOException
        permits DiskFullException, TooManyFilesException {
    private static final long serialVersionUID = 1L;

    ShortageException(String message, Throwable cause) {
        super(message, cause);
    }
}
