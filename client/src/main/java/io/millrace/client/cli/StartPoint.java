package io.millrace.client.cli;

import io.millrace.client.cli.text.WrongUseException;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** Where reading starts: an offset, so many before the end, a time, the beginning or the end. */
sealed interface StartPoint {
    record Offset(long offset) implements StartPoint {}

    record BeforeEnd(long records) implements StartPoint {}

    record At(long timestampMs) implements StartPoint {}

    record Beginning() implements StartPoint {}

    record End() implements StartPoint {}

    /**
     * Reads {@code 42}, {@code -10}, {@code @2026-11-24T12:00:00Z}, {@code @1700000000000},
     * beginning or end.
     */
    static StartPoint parse(String text) {
        if (text.equals("beginning") || text.equals("end")) {
            return text.equals("end") ? new End() : new Beginning();
        }
        if (text.startsWith("@")) {
            return new At(time(text.substring(1)));
        }
        try {
            long number = Long.parseLong(text);
            return number < 0 ? new BeforeEnd(-number) : new Offset(number);
        } catch (NumberFormatException e) {
            throw new WrongUseException(
                    "'%s' is no start: an offset, -N, @TIME, beginning or end".formatted(text));
        }
    }

    /** A time in ISO form (UTC if it names no zone) or in milliseconds since the epoch. */
    static long time(String text) {
        try {
            if (text.chars().allMatch(Character::isDigit)) {
                return Long.parseLong(text);
            }
            var parsed =
                    DateTimeFormatter.ISO_DATE_TIME.parseBest(
                            text, OffsetDateTime::from, LocalDateTime::from);
            return parsed instanceof OffsetDateTime zoned
                    ? zoned.toInstant().toEpochMilli()
                    : ((LocalDateTime) parsed).toInstant(ZoneOffset.UTC).toEpochMilli();
        } catch (DateTimeException | NumberFormatException e) {
            throw new WrongUseException(
                    "'%s' is no time: milliseconds, or such as 2026-11-24T12:00:00Z"
                            .formatted(text));
        }
    }
}
