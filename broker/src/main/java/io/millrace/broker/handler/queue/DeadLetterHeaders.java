package io.millrace.broker.handler.queue;

import io.millrace.broker.loop.PartitionId;
import io.millrace.broker.queue.QueueEffect.Corpse;
import io.millrace.storage.batch.BatchBuilder.Header;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The headers that say of a dead letter where it was and why it is dead (KIP-1191). Stateless. */
final class DeadLetterHeaders {
    private static final String PREFIX = "__dlq.errors.";

    private DeadLetterHeaders() {}

    static List<Header> of(PartitionId from, String group, Corpse corpse) {
        return List.of(
                header("topic", from.topic()),
                header("partition", Integer.toString(from.index())),
                header("offset", Long.toString(corpse.offset())),
                header("group", group),
                header("delivery.count", Integer.toString(corpse.deliveries())),
                header("message", message(corpse)));
    }

    private static String message(Corpse corpse) {
        return switch (corpse.reason()) {
            case REJECTED -> "The consumer rejected the record.";
            case EXHAUSTED ->
                    "The record was delivered %d times, as often as is allowed."
                            .formatted(corpse.deliveries());
            case EXPIRED -> "The record's time to live is over.";
        };
    }

    private static Header header(String name, String value) {
        return new Header(text(PREFIX + name), text(value));
    }

    private static ByteBuffer text(String value) {
        return ByteBuffer.wrap(value.getBytes(StandardCharsets.UTF_8));
    }
}
