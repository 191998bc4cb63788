package io.millrace.client.cli.text;

import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.KafkaFuture;

/** Answers of brokers. Stateless. */
public final class Answers {
    private Answers() {}

    /** Waits for an answer, and throws what the broker said instead of one. */
    public static <T> T get(KafkaFuture<T> answer) {
        try {
            return answer.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new CliException(String.valueOf(e.getCause()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CliException("interrupted");
        }
    }
}
