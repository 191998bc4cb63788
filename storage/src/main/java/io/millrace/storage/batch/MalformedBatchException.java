package io.millrace.storage.batch;

/** Bytes that claim to be a batch or its records are not. Retrying cannot help. */
public final class MalformedBatchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public MalformedBatchException(String message) {
        super(message);
    }

    MalformedBatchException(String message, Throwable cause) {
        super(message, cause);
    }
}
