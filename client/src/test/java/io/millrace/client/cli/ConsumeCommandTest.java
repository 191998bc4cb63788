package io.millrace.client.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

final class ConsumeCommandTest {
    private static final TopicPartition PARTITION = new TopicPartition("t", 0);
    private static final RecordFormat FORMAT = new RecordFormat(false, false, false, "%o=%s;");

    private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
    private final ConsumeCommand command = new ConsumeCommand();
    private final StringWriter out = new StringWriter();

    @Test
    void untilEndPrintsAllThatIsThere() {
        log(3);
        command.untilEnd = true;

        command.print(consumer, FORMAT, new PrintWriter(out));

        assertThat(out).hasToString("0=v0;1=v1;2=v2;");
        assertThat(committed()).isEqualTo(-1);
    }

    /** Found by reading: the whole poll was committed, and the group never saw the rest of it. */
    @Test
    void aGroupCommitsOnlyWhatWasPrinted() {
        log(5);
        command.group = "g";
        command.maxMessages = 2;

        command.print(consumer, FORMAT, new PrintWriter(out));

        assertThat(out).hasToString("0=v0;1=v1;");
        assertThat(committed()).isEqualTo(2);
    }

    @Test
    void aGroupDoesNotCommitWhatTheReaderDidNotTake() {
        log(2);
        command.group = "g";
        command.print(consumer, FORMAT, new PrintWriter(new BrokenPipe()));

        assertThat(committed()).isEqualTo(-1);
    }

    /** An output whose reader has gone. */
    private static final class BrokenPipe extends Writer {
        @Override
        public void write(char[] text, int offset, int length) throws IOException {
            throw new IOException("Broken pipe");
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    private void log(int records) {
        consumer.assign(List.of(PARTITION));
        consumer.updateBeginningOffsets(Map.of(PARTITION, 0L));
        consumer.updateEndOffsets(Map.of(PARTITION, (long) records));
        consumer.seek(PARTITION, 0);
        for (int offset = 0; offset < records; offset++) {
            consumer.addRecord(
                    new ConsumerRecord<>("t", 0, offset, null, ("v" + offset).getBytes(UTF_8)));
        }
    }

    private long committed() {
        OffsetAndMetadata offset = consumer.committed(Set.of(PARTITION)).get(PARTITION);
        return offset == null ? -1 : offset.offset();
    }
}
