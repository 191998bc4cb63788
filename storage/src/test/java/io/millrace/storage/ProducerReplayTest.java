package io.millrace.storage;

import static io.millrace.storage.FlippedBits.LOWEST_OFFSET_BYTE;
import static io.millrace.storage.FlippedBits.MAGIC_AT;
import static io.millrace.storage.TestLogs.append;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.storage.PartitionLog.AppendRequest;
import io.millrace.storage.PartitionLog.AppendResult;
import io.millrace.storage.PartitionLog.Origin;
import io.millrace.storage.batch.BatchBuilder;
import io.millrace.storage.batch.Codec;
import io.millrace.storage.producer.AbortedTransaction;
import io.millrace.storage.producer.TransactionEnd;
import io.millrace.storage.producer.Verification;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is known of producers, read again from a log in which something is bad. */
final class ProducerReplayTest {
    private static final String FIRST = "00000000000000000000.log";
    private static final long PRODUCER = 5;
    private static final int BASE_SEQUENCE_LOWEST_BYTE = 56;

    private final TestLogs logs = new TestLogs();
    @TempDir Path home = Path.of("unset");

    @AfterEach
    void stop() {
        logs.close();
    }

    private Path file(String name) {
        return home.resolve("t-0").resolve(name);
    }

    private PartitionLog open() {
        return logs.open(home.resolve("t-0"), TestLogs.smallSegments(1 << 20));
    }

    /** Keeps nothing in memory that is in a file. */
    private PartitionLog openAndIdle() {
        PartitionLog log = open();
        log.read(0, log.logEndOffset(), 1, true).release();
        log.tick(1_000_000);
        return log;
    }

    private static void fill(PartitionLog log, int batches) {
        for (int i = 0; i < batches; i++) {
            append(log, 100, "k=v");
        }
    }

    private static BatchBuilder batch(int sequence) {
        return new BatchBuilder()
                .producer(PRODUCER, (short) 0, sequence)
                .add(500, null, new byte[20]);
    }

    private static AppendResult send(PartitionLog log, int sequence) {
        return log.append(batch(sequence).build(), new AppendRequest(Origin.CLIENT, 0, 500));
    }

    private static void sendInTransaction(PartitionLog log, int sequence) {
        ByteBuffer bytes = batch(sequence).transactional().build();
        var number = log.transactions().beginVerification(bytes);
        var verification = number.isPresent() ? new Verification(number.getAsLong(), false) : null;
        assertThat(log.append(bytes, new AppendRequest(Origin.CLIENT, 0, 500, verification)))
                .isInstanceOf(AppendResult.Appended.class);
    }

    private static void end(PartitionLog log, boolean commit) {
        log.transactions().end(new TransactionEnd(PRODUCER, (short) 0, 0, commit, false), 0, 500);
    }

    private static long stable(PartitionLog log) {
        return log.transactions().lastStableOffset(log.logEndOffset());
    }

    private static List<AbortedTransaction> aborted(PartitionLog log) {
        return log.transactions().aborted(0, log.logEndOffset());
    }

    private void flip(long offset, int at, int bit) throws IOException {
        FlippedBits.flip(file(FIRST), offset, at, bit);
    }

    @ParameterizedTest
    @CsvSource({"0," + MAGIC_AT, "6," + LOWEST_OFFSET_BYTE, "5," + (LOWEST_OFFSET_BYTE - 1)})
    void aBatchBehindABadOneIsRecognisedWhenTheLogWasCut(int bit, int at) throws IOException {
        PartitionLog log = open();
        fill(log, 4);
        for (int sequence = 0; sequence < 4; sequence++) {
            send(log, sequence);
        }
        fill(log, 4);
        flip(2, at, bit);

        log.truncateTo(10);

        assertThat(logs.events.getFirst()).isEqualTo("quarantined 2-3");
        assertThat(send(log, 3)).isEqualTo(new AppendResult.Duplicate(7, 7, 500));
        assertThat(send(log, 4)).isEqualTo(new AppendResult.Appended(10, 10, -1));
    }

    /** Its CRC covers the sequence, and nobody else has looked. */
    @Test
    void aSequenceThatHasChangedOnDiskIsNotBelieved() throws IOException {
        PartitionLog log = open();
        send(log, 0);
        send(log, 1);
        fill(log, 4);
        flip(1, BASE_SEQUENCE_LOWEST_BYTE, 4);

        log.truncateTo(5);

        assertThat(logs.events.getFirst()).isEqualTo("quarantined 1-2");
        assertThat(send(log, 18)).isInstanceOf(AppendResult.Refused.class);
    }

    /** Without a word, what was aborted would be shown to who reads what is committed. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatWasAbortedBehindABadBatchIsKnownWhenItsIndexIsLost(boolean whileOpen)
            throws IOException {
        PartitionLog log = open();
        fill(log, 4);
        sendInTransaction(log, 0);
        end(log, false);
        fill(log, 1);
        log.close(1000);
        List<AbortedTransaction> before = aborted(open());
        flip(2, MAGIC_AT, 0);
        if (whileOpen) {
            log = openAndIdle();
        }
        Files.delete(file("00000000000000000000.txnindex"));
        log = whileOpen ? log : open();

        assertThat(aborted(log)).isEqualTo(before).hasSize(1);
        assertThat(logs.events).contains("quarantined 2-3");
    }

    @Test
    void whetherATransactionWasAbortedWhoseEndIsBadIsNotGuessed() throws IOException {
        PartitionLog log = open();
        fill(log, 4);
        sendInTransaction(log, 0);
        end(log, false);
        fill(log, 1);
        log.close(1000);
        log = openAndIdle();
        assertThat(stable(log)).isEqualTo(7);
        Files.delete(file("00000000000000000000.txnindex"));
        flip(5, MAGIC_AT, 0);

        assertThat(aborted(log)).isEmpty();

        assertThat(stable(log)).isEqualTo(4);
        assertThat(logs.events).anyMatch(event -> event.contains("the offsets 5 to 5"));
    }

    @Test
    void whatIsNotKnownOfProducersIsSaid() throws IOException {
        PartitionLog log = open();
        send(log, 0);
        send(log, 1);
        fill(log, 4);
        flip(1, MAGIC_AT, 0);

        log.truncateTo(5);

        assertThat(logs.events)
                .hasSize(2)
                .last()
                .asString()
                .startsWith("noticed the offsets 1 to 1 are quarantined")
                .contains("sent again");
        logs.events.clear();
        log.truncateTo(4);
        assertThat(logs.events).hasSize(1);
    }

    /** As a leader that has a fault may send it: its CRC is right. */
    @Test
    void aMarkerThatCannotBeReadIsToldOf() {
        PartitionLog log = open();
        sendInTransaction(log, 0);
        ByteBuffer marker =
                new BatchBuilder(1, Codec.NONE, Codec.DEFAULT_LEVEL)
                        .producer(PRODUCER, (short) 0, -1)
                        .transactional()
                        .control()
                        .add(500, new byte[] {0}, new byte[] {0})
                        .build();

        log.appendAsReplica(marker, 1000);

        assertThat(stable(log)).isZero();
        assertThat(logs.events)
                .singleElement()
                .asString()
                .startsWith("noticed the marker at offset 1 cannot be read");
    }
}
