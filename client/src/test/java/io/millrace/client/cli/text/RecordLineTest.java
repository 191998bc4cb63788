package io.millrace.client.cli.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RecordLineTest {
    private static final Header FIXED = RecordLine.header("h", "1");

    @Test
    void aLineIsAValueWithoutAKey() {
        var record = plain(null, null).parse(bytes("a:b"));

        assertThat(record.topic()).isEqualTo("t");
        assertThat(record.partition()).isEqualTo(3);
        assertThat(record.key()).isNull();
        assertThat(record.value()).isEqualTo(bytes("a:b"));
        assertThat(record.headers()).containsExactly(FIXED);
    }

    @Test
    void theFirstSeparatorEndsTheKey() {
        var record = plain("::", null).parse(bytes("a::b::c"));

        assertThat(record.key()).isEqualTo(bytes("a"));
        assertThat(record.value()).isEqualTo(bytes("b::c"));
    }

    @Test
    void aLineWithoutItsSeparatorIsRefused() {
        assertThatThrownBy(() -> plain(":", null).parse(bytes("abc")))
                .isInstanceOf(CliException.class)
                .hasMessageContaining("no key separator ':'");
    }

    @Test
    void theMarkerMakesATombstone() {
        var record = plain(":", "NULL").parse(bytes("k:NULL"));

        assertThat(record.key()).isEqualTo(bytes("k"));
        assertThat(record.value()).isNull();
    }

    @Test
    void jsonBringsItsOwnPartitionTimestampAndHeaders() {
        var record =
                json(
                        "{\"key\":\"k\",\"value\":\"v\",\"partition\":5,\"timestamp\":9,"
                                + "\"headers\":{\"x\":\"y\"}}");

        assertThat(record.partition()).isEqualTo(5);
        assertThat(record.timestamp()).isEqualTo(9);
        assertThat(record.key()).isEqualTo(bytes("k"));
        assertThat(record.value()).isEqualTo(bytes("v"));
        assertThat(record.headers()).containsExactly(FIXED, RecordLine.header("x", "y"));
    }

    @Test
    void jsonValuesThatAreNoTextStayJson() {
        assertThat(json("{\"value\":{\"a\":[1,true]}}").value())
                .isEqualTo(bytes("{\"a\":[1,true]}"));
    }

    /** Found by reading: such values came back as tombstones. */
    @Test
    void whatConsumePrintsAsJsonIsReadBackByteForByte() {
        var headers = new RecordHeaders();
        headers.add("text", bytes("1")).add("raw", new byte[] {-1}).add("none", null);
        var original =
                new ConsumerRecord<>(
                        "t",
                        2,
                        7,
                        99,
                        TimestampType.CREATE_TIME,
                        2,
                        2,
                        new byte[] {-2},
                        new byte[] {-1, 0},
                        headers,
                        Optional.empty());
        byte[] line = new RecordFormat(true, false, false, null).format(original);

        var copy = new RecordLine("copy", null, null, null, true, List.of()).parse(line);

        assertThat(copy.partition()).isEqualTo(2);
        assertThat(copy.timestamp()).isEqualTo(99);
        assertThat(copy.key()).isEqualTo(new byte[] {-2});
        assertThat(copy.value()).isEqualTo(new byte[] {-1, 0});
        assertThat(copy.headers()).isEqualTo(headers);
    }

    /** Found by reading: a number or a list was written as a record of two nulls. */
    @ParameterizedTest
    @ValueSource(strings = {"", "5", "[]", "{", "{\"value_base64\":\"*\"}"})
    void whatIsNoJsonObjectIsRefused(String line) {
        assertThatThrownBy(() -> json(line)).isInstanceOf(CliException.class);
    }

    /** Found by use: a mistyped field left a tombstone, and a partition that is a word was 0. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"valu\":\"1\"}",
                "{\"value\":\"1\",\"partition\":\"first\"}",
                "{\"value\":\"1\",\"partition\":4294967296}",
                "{\"value\":\"1\",\"timestamp\":-1}"
            })
    void aFieldThatIsNotUnderstoodIsRefused(String line) {
        assertThatThrownBy(() -> json(line)).isInstanceOf(CliException.class);
    }

    private static ProducerRecord<byte[], byte[]> json(String line) {
        return new RecordLine("t", 3, null, null, true, List.of(FIXED)).parse(bytes(line));
    }

    private static RecordLine plain(@Nullable String separator, @Nullable String marker) {
        return new RecordLine("t", 3, separator, marker, false, List.of(FIXED));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
