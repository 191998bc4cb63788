package io.millrace.cluster.quorum;

import java.net.ConnectException;
import org.jspecify.annotations.Nullable;

/** A connect that the machine refused: it is there, and nobody listens. Stateless. */
public final class RefusedConnect {
    private RefusedConnect() {}

    /** Whether that is behind a failure: no time-out, and no machine that cannot be reached. */
    public static boolean isBehind(Throwable failure) {
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ConnectException
                    && String.valueOf(cause.getMessage()).contains("refused")) {
                return true;
            }
        }
        return false;
    }
}
