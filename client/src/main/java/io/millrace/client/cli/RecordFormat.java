package io.millrace.client.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Writes records as lines.
 *
 * @param json one object a line
 * @param keys whether plain lines begin with the key and a tab
 * @param headers whether plain lines begin with the headers and a tab
 * @param pattern as kcat's: %t %p %o %k %s %h %T; null for plain lines
 */
record RecordFormat(boolean json, boolean keys, boolean headers, @Nullable String pattern) {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    String format(ConsumerRecord<byte[], byte[]> record) {
        if (json) {
            return json(record) + "\n";
        }
        if (pattern != null) {
            return expand(pattern, record);
        }
        var line = new StringBuilder();
        if (headers) {
            line.append(headerText(record)).append('\t');
        }
        if (keys) {
            line.append(text(record.key())).append('\t');
        }
        return line.append(text(record.value())).append('\n').toString();
    }

    private static String expand(String pattern, ConsumerRecord<byte[], byte[]> record) {
        var out = new StringBuilder();
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            boolean more = i + 1 < pattern.length();
            if (c == '%' && more) {
                out.append(field(pattern.charAt(++i), record));
            } else if (c == '\\' && more) {
                char escaped = pattern.charAt(++i);
                out.append(escaped == 'n' ? '\n' : escaped == 't' ? '\t' : escaped);
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }

    private static Object field(char name, ConsumerRecord<byte[], byte[]> record) {
        return switch (name) {
            case 't' -> record.topic();
            case 'p' -> record.partition();
            case 'o' -> record.offset();
            case 'k' -> text(record.key());
            case 's', 'v' -> text(record.value());
            case 'h' -> headerText(record);
            case 'T' -> record.timestamp();
            case '%' -> "%";
            default -> throw new CliException("%" + name + " means nothing in --format");
        };
    }

    private static String headerText(ConsumerRecord<byte[], byte[]> record) {
        var text = new StringBuilder();
        for (Header header : record.headers()) {
            text.append(text.isEmpty() ? "" : ",")
                    .append(header.key())
                    .append('=')
                    .append(text(header.value()));
        }
        return text.toString();
    }

    private static String json(ConsumerRecord<byte[], byte[]> record) {
        var object = new LinkedHashMap<String, @Nullable Object>();
        object.put("topic", record.topic());
        object.put("partition", record.partition());
        object.put("offset", record.offset());
        object.put("timestamp", record.timestamp());
        putBytes(object, "key", record.key());
        putBytes(object, "value", record.value());
        var headers = new LinkedHashMap<String, @Nullable Object>();
        record.headers().forEach(header -> putBytes(headers, header.key(), header.value()));
        object.put("headers", headers);
        try {
            return MAPPER.writeValueAsString(object);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a record that is no JSON", e);
        }
    }

    /** Text as it is; other bytes in base64, under the name with {@code _base64}. */
    private static void putBytes(
            LinkedHashMap<String, @Nullable Object> object, String name, byte @Nullable [] bytes) {
        if (bytes == null) {
            object.put(name, null);
            return;
        }
        try {
            object.put(
                    name,
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
        } catch (CharacterCodingException e) {
            object.put(name + "_base64", Base64.getEncoder().encodeToString(bytes));
        }
    }

    private static String text(byte @Nullable [] bytes) {
        return bytes == null ? "" : new String(bytes, StandardCharsets.UTF_8);
    }
}
