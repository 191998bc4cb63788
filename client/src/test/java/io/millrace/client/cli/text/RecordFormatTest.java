package io.millrace.client.cli.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class RecordFormatTest {
    @Test
    void plainLinesAreTheValue() {
        assertThat(text(plain(false, false).format(record(bytes("k"), bytes("grün")))))
                .isEqualTo("grün\n");
    }

    @Test
    void headersThenKeyThenValueAreSplitByTabs() {
        assertThat(text(plain(true, true).format(record(bytes("k"), bytes("v")))))
                .isEqualTo("a=1,b=2\tk\tv\n");
    }

    @Test
    void nullsAreEmptyInPlainLines() {
        assertThat(text(plain(true, false).format(record(null, null)))).isEqualTo("\t\n");
    }

    /** Found by reading: they were decoded as UTF-8, and came out as question marks. */
    @Test
    void bytesThatAreNoTextArePrintedAsTheyAre() {
        byte[] value = {-1, 0, 'x', -2};

        assertThat(plain(false, false).format(record(null, value)))
                .isEqualTo(new byte[] {-1, 0, 'x', -2, '\n'});
        assertThat(new RecordFormat(false, false, false, "%s").format(record(null, value)))
                .isEqualTo(value);
    }

    @Test
    void jsonHasEverythingOfTheRecord() {
        assertThat(text(json().format(record(bytes("k"), bytes("v\"\n")))))
                .isEqualTo(
                        "{\"topic\":\"t\",\"partition\":2,\"offset\":7,\"timestamp\":99,\"key\":\"k\","
                                + "\"value\":\"v\\\"\\n\",\"headers\":{\"a\":\"1\",\"b\":\"2\"}}\n");
    }

    @Test
    void jsonKeepsNullsAndBytesThatAreNoText() {
        assertThat(text(json().format(record(null, new byte[] {-1, -2}))))
                .contains("\"key\":null", "\"value_base64\":\"//4=\"")
                .doesNotContain("\"value\":");
    }

    @Test
    void patternsAreKcats() {
        var format =
                new RecordFormat(false, false, false, "%t/%p/%o/%T %k=%s %v %h 100%%\\n\\t\\\\");

        assertThat(text(format.format(record(bytes("k"), bytes("v")))))
                .isEqualTo("t/2/7/99 k=v v a=1,b=2 100%\n\t\\");
    }

    @Test
    void unknownPatternFieldsAreRefused() {
        assertThatThrownBy(() -> new RecordFormat(false, false, false, "%%%t%q"))
                .isInstanceOf(CliException.class)
                .hasMessageContaining("%q");
    }

    private static RecordFormat plain(boolean keys, boolean headers) {
        return new RecordFormat(false, keys, headers, null);
    }

    private static RecordFormat json() {
        return new RecordFormat(true, false, false, null);
    }

    private static ConsumerRecord<byte[], byte[]> record(
            byte @Nullable [] key, byte @Nullable [] value) {
        var headers = new RecordHeaders();
        headers.add("a", bytes("1")).add("b", bytes("2"));
        return new ConsumerRecord<>(
                "t",
                2,
                7,
                99,
                TimestampType.CREATE_TIME,
                0,
                0,
                key,
                value,
                headers,
                Optional.empty());
    }

    private static String text(byte[] line) {
        return new String(line, UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
