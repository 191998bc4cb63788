package io.millrace.broker.handler.group;

import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupReply.Beat;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** What the group machine says, in Kafka's error codes: they have the same names. Stateless. */
public final class GroupErrors {
    private GroupErrors() {}

    static Errors of(GroupError error) {
        return Errors.valueOf(error.name());
    }

    public static short code(GroupError error) {
        return of(error).code();
    }

    /** What a refused member is told; null if it is not refused. */
    public static @Nullable String message(Beat beat) {
        return message(beat.error(), beat.message());
    }

    /** What somebody is told of an error; null if it is none. */
    public static @Nullable String message(GroupError error, @Nullable String message) {
        if (error == GroupError.NONE) {
            return null;
        }
        return message == null ? of(error).message() : message;
    }
}
