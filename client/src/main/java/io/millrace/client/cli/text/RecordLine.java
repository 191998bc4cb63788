package io.millrace.client.cli.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;

/**
 * Makes a record of a line of input.
 *
 * @param keySeparator what ends the key; null if lines are values only
 * @param nullMarker a value that means null, a tombstone; null if none does
 * @param json whether a line is an object with key, value, headers, partition and timestamp
 * @param headers headers of every record
 */
public record RecordLine(
        String topic,
        @Nullable Integer partition,
        @Nullable String keySeparator,
        @Nullable String nullMarker,
        boolean json,
        List<Header> headers) {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String BASE64 = "_base64";

    /** The topic and offset, which {@code consume --json} prints too, are those of another log. */
    private static final Set<String> FIELDS =
            Set.of(
                    "key",
                    "key" + BASE64,
                    "value",
                    "value" + BASE64,
                    "headers",
                    "partition",
                    "timestamp",
                    "topic",
                    "offset");

    public ProducerRecord<byte[], byte[]> parse(byte[] line) {
        return json ? parseJson(line) : parsePlain(line);
    }

    private ProducerRecord<byte[], byte[]> parsePlain(byte[] line) {
        if (keySeparator == null) {
            return plain(null, line);
        }
        byte[] separator = bytes(keySeparator);
        int at = indexOf(line, separator);
        if (at < 0) {
            throw new CliException(
                    "no key separator '%s' in the line: %s".formatted(keySeparator, text(line)));
        }
        return plain(
                Arrays.copyOf(line, at),
                Arrays.copyOfRange(line, at + separator.length, line.length));
    }

    private ProducerRecord<byte[], byte[]> plain(byte @Nullable [] key, byte[] value) {
        boolean tombstone = nullMarker != null && Arrays.equals(value, bytes(nullMarker));
        return new ProducerRecord<>(topic, partition, null, key, tombstone ? null : value, headers);
    }

    /** Where a part begins in a line; -1 if it is not there. */
    private static int indexOf(byte[] line, byte[] part) {
        for (int at = 0; at + part.length <= line.length; at++) {
            if (Arrays.equals(line, at, at + part.length, part, 0, part.length)) {
                return at;
            }
        }
        return -1;
    }

    private ProducerRecord<byte[], byte[]> parseJson(byte[] line) {
        JsonNode object;
        try {
            object = MAPPER.readTree(line);
        } catch (JsonProcessingException e) {
            throw new CliException("a line is no JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new UncheckedIOException("bytes in memory cannot be read", e);
        }
        if (!object.isObject()) {
            throw new CliException("a line is no JSON object: " + text(line));
        }
        object.fieldNames().forEachRemaining(RecordLine::requireKnown);
        var all = new ArrayList<>(headers);
        object.path("headers")
                .properties()
                .forEach(header -> all.add(jsonHeader(header.getKey(), header.getValue())));
        Long place = number(object, "partition", Integer.MAX_VALUE);
        Integer where = place == null ? partition : Integer.valueOf(place.intValue());
        Long timestamp = number(object, "timestamp", Long.MAX_VALUE);
        return new ProducerRecord<>(
                topic, where, timestamp, bytes(object, "key"), bytes(object, "value"), all);
    }

    /** A field that was mistyped would leave a tombstone. */
    private static void requireKnown(String field) {
        if (!FIELDS.contains(field)) {
            throw new CliException(
                    "a line has a field %s: a record has key, value, headers, partition and timestamp"
                            .formatted(field));
        }
    }

    private static @Nullable Long number(JsonNode object, String name, long most) {
        JsonNode field = object.get(name);
        if (field == null) {
            return null;
        }
        if (!field.canConvertToLong()
                || !field.isIntegralNumber()
                || field.asLong() < 0
                || field.asLong() > most) {
            throw new CliException(
                    "the %s in a line is no number of 0 or more: %s".formatted(name, field));
        }
        return field.asLong();
    }

    /** A field's text, or the bytes that {@code consume --json} wrote as its {@code _base64}. */
    private static byte @Nullable [] bytes(JsonNode object, String name) {
        JsonNode encoded = object.get(name + BASE64);
        return encoded == null ? text(object.get(name)) : decode(encoded.asText());
    }

    private static Header jsonHeader(String name, JsonNode value) {
        return name.endsWith(BASE64)
                ? new RecordHeader(
                        name.substring(0, name.length() - BASE64.length()), decode(value.asText()))
                : new RecordHeader(name, text(value));
    }

    private static byte[] decode(String base64) {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new CliException("'%s' is no base64: %s".formatted(base64, e.getMessage()));
        }
    }

    private static byte @Nullable [] text(@Nullable JsonNode node) {
        if (node == null || node.isNull()) {
            return null;
        }
        return bytes(node.isValueNode() ? node.asText() : node.toString());
    }

    public static Header header(String name, String value) {
        return new RecordHeader(name, bytes(value));
    }

    private static String text(byte[] line) {
        return new String(line, StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
