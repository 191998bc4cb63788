package io.millrace.storage.disk;

/** No more files may be open (EMFILE, ENFILE): the one meant was not opened. */
public final class TooManyFilesException extends ShortageException {
    private static final long serialVersionUID = 1L;

    public TooManyFilesException(String message, Throwable cause) {
        super(message, cause);
    }
}
