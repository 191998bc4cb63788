package io.millrace.broker.handler.log;

import java.util.function.Supplier;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.errors.InvalidRequestException;

/** Reads isolation levels out of requests. Stateless. */
public final class Isolation {
    private Isolation() {}

    /**
     * The level that a request asks for.
     *
     * @throws InvalidRequestException if there is no such level
     */
    public static IsolationLevel of(Supplier<IsolationLevel> asked) {
        try {
            return asked.get();
        } catch (IllegalArgumentException e) {
            throw new InvalidRequestException(String.valueOf(e.getMessage()), e);
        }
    }
}
