package io.millrace.broker.handler.share;

import io.millrace.broker.handler.queue.HeaderReader;
import io.millrace.broker.queue.model.QueueSettings.Extras;
import io.millrace.broker.queue.model.Traits;
import io.millrace.storage.batch.RecordView;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a record asks of a queue, by its headers and its group's settings. A header that cannot be
 * understood asks for nothing: one bad record must not stop a queue.
 */
final class Wishes {
    static final String DELIVER_AT = "millrace.deliver-at";
    static final String DELIVER_AFTER = "millrace.deliver-after";
    static final String TIME_TO_LIVE = "millrace.ttl";
    static final String PRIORITY = "millrace.priority";

    private static final int LONGEST_VALUE = 64;

    private final Extras extras;
    private long timestampMs;
    private long dueMs;
    private long expiresMs;
    private int priority;

    Wishes(Extras extras) {
        this.extras = extras;
    }

    /** What a record asks for. */
    Traits of(RecordView record, long recordTimestampMs) {
        timestampMs = Math.max(0, recordTimestampMs);
        dueMs = extras.delayMs() > 0 ? after(extras.delayMs()) : 0;
        expiresMs = extras.timeToLiveMs() >= 0 ? after(extras.timeToLiveMs()) : Traits.NEVER;
        priority = 0;
        if (extras.headers()) {
            readHeaders(record);
        }
        int key = extras.keyOrder() ? keyOf(record) : 0;
        return new Traits(key, dueMs, expiresMs, Math.min(priority, extras.priorities() - 1));
    }

    private long after(long ms) {
        return ms > Traits.NEVER - timestampMs ? Traits.NEVER : timestampMs + ms;
    }

    private static int keyOf(RecordView record) {
        ByteBuffer key = record.key();
        if (key == null) {
            return 0;
        }
        int hash = 1;
        while (key.hasRemaining()) {
            hash = 31 * hash + key.get();
        }
        return hash == 0 ? 1 : hash;
    }

    private void readHeaders(RecordView record) {
        var reader = new HeaderReader(record.encodedHeaders());
        for (int i = 0; i < record.headerCount(); i++) {
            String name = text(reader.next());
            String value = text(reader.next());
            if (name.startsWith("millrace.")) {
                honour(name, value.strip());
            }
        }
    }

    /** Bytes as text; empty if there are none, or too many to mean anything here. */
    private static String text(@Nullable ByteBuffer bytes) {
        return bytes == null || bytes.remaining() > LONGEST_VALUE
                ? ""
                : StandardCharsets.UTF_8.decode(bytes).toString();
    }

    private void honour(String name, String value) {
        try {
            switch (name) {
                case DELIVER_AT -> dueMs = Math.max(0, instantMs(value));
                case DELIVER_AFTER -> dueMs = after(Math.max(0, durationMs(value)));
                case TIME_TO_LIVE -> expiresMs = after(Math.max(0, durationMs(value)));
                case PRIORITY ->
                        priority = Math.clamp(Long.parseLong(value), 0, Traits.MOST_PRIORITIES - 1);
                default -> {}
            }
        } catch (DateTimeException | ArithmeticException | NumberFormatException e) {
            // As if it were not there.
            return;
        }
    }

    private static boolean isNumber(String value) {
        return !value.isEmpty() && value.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private static long instantMs(String value) {
        return isNumber(value) ? Long.parseLong(value) : Instant.parse(value).toEpochMilli();
    }

    private static long durationMs(String value) {
        return isNumber(value) ? Long.parseLong(value) : Duration.parse(value).toMillis();
    }
}
