package io.millrace.client.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.cli.text.RecordFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class ConsumeCommandTest {
    private static final TopicPartition PARTITION = new TopicPartition("t", 0);
    private static final RecordFormat FORMAT = new RecordFormat(false, false, false, "%o=%s;");

    private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
    private final ConsumeCommand command = new ConsumeCommand();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @Test
    void untilEndPrintsAllThatIsThere() {
        log(3);
        command.print(consumer, range(new StartPoint.End()), FORMAT, new PrintStream(out));

        assertThat(out).hasToString("0=v0;1=v1;2=v2;");
        assertThat(committed()).isEqualTo(-1);
    }

    @Test
    void untilAnOffsetStopsBeforeItAndCommitsNoFurther() {
        log(5);
        command.group = "g";

        command.print(consumer, range(new StartPoint.Offset(3)), FORMAT, new PrintStream(out));

        assertThat(out).hasToString("0=v0;1=v1;2=v2;");
        assertThat(committed()).isEqualTo(3);
    }

    /** Found by use: it waited for ever for records that were not there. */
    @Test
    void untilAnOffsetPastTheEndStopsAtTheEnd() {
        log(2);

        command.print(consumer, range(new StartPoint.Offset(9)), FORMAT, new PrintStream(out));

        assertThat(out).hasToString("0=v0;1=v1;");
    }

    /** Found by use: past the end it began at the beginning, before the beginning at the end. */
    @Test
    void anOffsetThatIsNotThereIsTheNearestThatIs() {
        log(3);
        new ReadRange(consumer, new StartPoint.Offset(9), null)
                .onPartitionsAssigned(List.of(PARTITION));
        assertThat(consumer.position(PARTITION)).isEqualTo(3);

        consumer.updateBeginningOffsets(Map.of(PARTITION, 2L));
        new ReadRange(consumer, new StartPoint.Offset(1), null)
                .onPartitionsAssigned(List.of(PARTITION));
        assertThat(consumer.position(PARTITION)).isEqualTo(2);
    }

    /** Found by reading: with a group, --from was ignored. */
    @Test
    void aGroupStartsWhereItIsTold() {
        log(5);
        command.group = "g";
        var range = new ReadRange(consumer, new StartPoint.BeforeEnd(2), new StartPoint.End());
        range.onPartitionsAssigned(List.of(PARTITION));

        command.print(consumer, range, FORMAT, new PrintStream(out));

        assertThat(out).hasToString("3=v3;4=v4;");
    }

    @Test
    void partitionsThatComeLaterStartAtWhatWasCommitted() {
        log(5);
        var range = new ReadRange(consumer, new StartPoint.Beginning(), null);
        range.onPartitionsAssigned(List.of(PARTITION));
        consumer.seek(PARTITION, 4);

        range.onPartitionsAssigned(List.of(PARTITION));

        assertThat(consumer.position(PARTITION)).isEqualTo(4);
    }

    /** Found by reading: the whole poll was committed, and the group never saw the rest of it. */
    @Test
    void aGroupCommitsOnlyWhatWasPrinted() {
        log(5);
        command.group = "g";
        command.maxMessages = 2;

        command.print(consumer, range(null), FORMAT, new PrintStream(out));

        assertThat(out).hasToString("0=v0;1=v1;");
        assertThat(committed()).isEqualTo(2);
    }

    @Test
    void aGroupDoesNotCommitWhatTheReaderDidNotTake() {
        log(2);
        command.group = "g";
        command.print(consumer, range(null), FORMAT, new PrintStream(new BrokenPipe()));

        assertThat(committed()).isEqualTo(-1);
    }

    /** An output whose reader has gone. */
    private static final class BrokenPipe extends OutputStream {
        @Override
        public void write(int oneByte) throws IOException {
            throw new IOException("Broken pipe");
        }
    }

    private ReadRange range(@Nullable StartPoint until) {
        var range = new ReadRange(consumer, null, until);
        range.onPartitionsAssigned(List.of(PARTITION));
        return range;
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
