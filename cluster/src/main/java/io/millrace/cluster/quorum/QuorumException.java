package io.millrace.cluster.quorum;

import org.jspecify.annotations.Nullable;

/** The quorum could not do what was asked. */
public class QuorumException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public QuorumException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
