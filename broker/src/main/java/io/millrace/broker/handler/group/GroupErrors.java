package io.millrace.broker.handler.group;

import io.millrace.broker.group.GroupError;
import org.apache.kafka.common.protocol.Errors;

/** What the group machine says, in Kafka's error codes: they have the same names. Stateless. */
final class GroupErrors {
    private GroupErrors() {}

    static Errors of(GroupError error) {
        return Errors.valueOf(error.name());
    }

    static short code(GroupError error) {
        return of(error).code();
    }
}
