package io.millrace.storage;

import static io.millrace.storage.FlippedBits.MAGIC_AT;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.storage.PartitionLog.AppendRequest;
import io.millrace.storage.PartitionLog.AppendResult;
import io.millrace.storage.PartitionLog.Origin;
import io.millrace.storage.batch.BatchBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a cut reads: whether a bad batch that lies far before it is found tells. */
final class CutCostTest {
    private static final int SEGMENT_BYTES = 20_000;
    private static final int BATCHES = 500;
    private static final int BAD = 7;

    private final TestLogs logs = new TestLogs();
    @TempDir Path home = Path.of("unset");

    @AfterEach
    void stop() {
        logs.close();
    }

    private Path folder() {
        return home.resolve("t-0");
    }

    private PartitionLog open() {
        return logs.open(folder(), TestLogs.smallSegments(SEGMENT_BYTES));
    }

    private static AppendResult send(PartitionLog log, int sequence) {
        var batch =
                new BatchBuilder()
                        .producer(5, (short) 0, sequence)
                        .add(500, null, new byte[40])
                        .build();
        return log.append(batch, new AppendRequest(Origin.CLIENT, 0, 500));
    }

    /** A log of several segments with a bad batch in the first, of which nobody knows. */
    private PartitionLog filled() throws IOException {
        PartitionLog log = open();
        for (int sequence = 0; sequence < BATCHES; sequence++) {
            send(log, sequence);
        }
        log.close(1000);
        FlippedBits.flip(folder().resolve("00000000000000000000.log"), BAD, MAGIC_AT, 1);
        return open();
    }

    private List<Path> summaries() throws IOException {
        try (var files = Files.list(folder())) {
            return files.filter(file -> file.toString().endsWith(".producers")).toList();
        }
    }

    private static void knowsItsProducer(PartitionLog log, int end) {
        assertThat(send(log, end - 1)).isEqualTo(new AppendResult.Duplicate(end - 1, end - 1, 500));
        assertThat(send(log, end)).isEqualTo(new AppendResult.Appended(end, end, -1));
    }

    @Test
    void aCutReadsOnlyTheEndOfALog() throws IOException {
        PartitionLog log = filled();

        log.truncateTo(BATCHES - 3);

        assertThat(logs.events).isEmpty();
        knowsItsProducer(log, BATCHES - 3);
    }

    @Test
    void aCutThatTakesWholeSegmentsReadsOnlyTheEndOfWhatIsLeft() throws IOException {
        PartitionLog log = filled();

        log.truncateTo(BATCHES / 2);

        assertThat(logs.events).isEmpty();
        knowsItsProducer(log, BATCHES / 2);
    }

    @Test
    void whereThereAreNoSummariesTheWholeLogIsReadOnce() throws IOException {
        PartitionLog log = filled();
        log.close(1000);
        for (Path file : summaries()) {
            Files.delete(file);
        }
        log = open();

        log.truncateTo(BATCHES - 3);

        assertThat(logs.events.getFirst()).isEqualTo("quarantined 7-8");
        assertThat(summaries()).hasSizeGreaterThan(2);
        knowsItsProducer(log, BATCHES - 3);
    }

    @Test
    void aPassOverAFolderThatHasNoneMakesThem() throws IOException {
        PartitionLog log = filled();
        FlippedBits.flip(folder().resolve("00000000000000000000.log"), BAD, MAGIC_AT, 1);
        log.close(1000);
        List<Path> before = summaries();
        for (Path file : before) {
            Files.delete(file);
        }
        log = open();

        BackgroundWork pass = log.planVerification();
        pass.run();
        pass.finish();

        assertThat(summaries()).hasSize(before.size() - 1);
        FlippedBits.flip(folder().resolve("00000000000000000000.log"), BAD, MAGIC_AT, 1);
        log.truncateTo(BATCHES - 3);
        assertThat(logs.events).isEmpty();
        knowsItsProducer(log, BATCHES - 3);
    }
}
