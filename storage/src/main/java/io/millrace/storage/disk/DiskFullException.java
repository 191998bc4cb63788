package io.millrace.storage.disk;

import java.io.IOException;

/** There is no room for what was to be written. Room may come back. */
public final class DiskFullException extends IOException {
    private static final long serialVersionUID = 1L;

    public DiskFullException(String message, Throwable cause) {
        super(message, cause);
    }
}
