package io.millrace.storage.disk;

/** There is no room for what was to be written. Room may come back. */
public final class DiskFullException extends ShortageException {
    private static final long serialVersionUID = 1L;

    public DiskFullException(String message, Throwable cause) {
        super(message, cause);
    }
}
