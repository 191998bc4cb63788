package io.millrace.client.cli.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
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
public record RecordFormat(boolean json, boolean keys, boolean headers, @Nullable String pattern) {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String FIELDS = "tposkvhT%";

    /**
     * Takes a pattern whose fields all mean something.
     *
     * @throws WrongUseException if one does not
     */
    public RecordFormat {
        if (pattern != null) {
            check(pattern);
        }
    }

    private static void check(String pattern) {
        int[] symbols = pattern.codePoints().toArray();
        for (int i = 0; i + 1 < symbols.length; i++) {
            boolean field = symbols[i] == '%';
            if (field && FIELDS.indexOf(symbols[i + 1]) < 0) {
                throw new WrongUseException(
                        "%%%s means nothing in --format"
                                .formatted(Character.toString(symbols[i + 1])));
            }
            i += field || symbols[i] == '\\' ? 1 : 0;
        }
    }

    /** The record as it is to be printed; keys, values and headers byte for byte. */
    public byte[] format(ConsumerRecord<byte[], byte[]> record) {
        var out = new Line();
        if (json) {
            out.add(json(record));
        } else if (pattern != null) {
            expand(out, pattern, record);
            return out.bytes();
        } else {
            plain(out, record);
        }
        return out.add("\n").bytes();
    }

    private void plain(Line out, ConsumerRecord<byte[], byte[]> record) {
        if (headers) {
            headers(out, record).add("\t");
        }
        if (keys) {
            out.add(record.key()).add("\t");
        }
        out.add(record.value());
    }

    private static void expand(Line out, String pattern, ConsumerRecord<byte[], byte[]> record) {
        int[] symbols = pattern.codePoints().toArray();
        for (int i = 0; i < symbols.length; i++) {
            boolean more = i + 1 < symbols.length;
            if (symbols[i] == '%' && more) {
                field(out, symbols[++i], record);
            } else if (symbols[i] == '\\' && more) {
                int escaped = symbols[++i];
                out.add(
                        Character.toString(
                                escaped == 'n' ? '\n' : escaped == 't' ? '\t' : escaped));
            } else {
                out.add(Character.toString(symbols[i]));
            }
        }
    }

    private static void field(Line out, int name, ConsumerRecord<byte[], byte[]> record) {
        switch (name) {
            case 't' -> out.add(record.topic());
            case 'p' -> out.add(Integer.toString(record.partition()));
            case 'o' -> out.add(Long.toString(record.offset()));
            case 'k' -> out.add(record.key());
            case 's', 'v' -> out.add(record.value());
            case 'h' -> headers(out, record);
            case 'T' -> out.add(Long.toString(record.timestamp()));
            case '%' -> out.add("%");
            default ->
                    throw new IllegalStateException(
                            "a field that was let in: " + Character.toString(name));
        }
    }

    private static Line headers(Line out, ConsumerRecord<byte[], byte[]> record) {
        boolean first = true;
        for (Header header : record.headers()) {
            out.add(first ? "" : ",").add(header.key()).add("=").add(header.value());
            first = false;
        }
        return out;
    }

    /** Bytes under way to the output. */
    private static final class Line {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        Line add(String text) {
            bytes.writeBytes(text.getBytes(StandardCharsets.UTF_8));
            return this;
        }

        /** Null is nothing. */
        Line add(byte @Nullable [] part) {
            if (part != null) {
                bytes.writeBytes(part);
            }
            return this;
        }

        byte[] bytes() {
            return bytes.toByteArray();
        }
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
}
